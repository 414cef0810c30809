//! Every kind of job, on one line each.

use super::job::{self, AnyJob};
use super::{
    backup, change, create_deployment, delete_deployment, drill, operate, prove_dump, prune, rehearsal,
    remove_set_aside, restore, restore_as_new, undo_restore, verify_backup,
};
use crate::error::Result;
use domain::job::Kind;
use domain::plan::Step;

macro_rules! kinds {
    ($($kind:ident => $job:ty,)*) => {
        /// The job of a kind, with its stored parameters.
        pub(crate) fn job_of(kind: Kind, params: &str) -> Result<Box<dyn AnyJob>> {
            Ok(match kind {
                $(Kind::$kind => Box::new(serde_json::from_str::<$job>(params)?),)*
            })
        }

        /// The plan of a kind, also of jobs long over. `saved`: what the steps of the job have saved so far.
        pub(crate) fn plan_of(kind: Kind, saved: &str) -> Vec<Step> {
            match kind {
                $(Kind::$kind => job::plan::<$job>(saved),)*
            }
        }

        #[cfg(test)]
        mod tests {
            use super::*;
            use super::job::Job;

            /// A line that names the wrong job would run one kind with the steps of another.
            #[test]
            fn each_kind_is_on_its_own_line_and_its_steps_are_found_by_name() {
                $(
                    assert_eq!(<$job as Job>::KIND, Kind::$kind);
                    for step in job::plan::<$job>("") {
                        assert!(step.name.parse::<<$job as Job>::Step>().is_ok(), "{} {}", Kind::$kind.as_str(), step.name);
                    }
                )*
            }
        }
    };
}

kinds! {
    Backup => backup::Params,
    Restore => restore::Params,
    RestoreAsNew => restore_as_new::Params,
    UndoRestore => undo_restore::Params,
    RemoveSetAside => remove_set_aside::Params,
    Verify => verify_backup::Params,
    Drill => drill::Params,
    ProveDump => prove_dump::Params,
    Start => operate::Start,
    Stop => operate::Stop,
    Restart => operate::Restart,
    Prune => prune::Params,
    Change => change::Params,
    Rehearsal => rehearsal::Params,
    CreateDeployment => create_deployment::Params,
    DeleteDeployment => delete_deployment::Params,
}
