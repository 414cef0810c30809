//! Every kind of job, once.

use super::job::Job;
use super::{backup, drill, operate, prove_dump, prune, remove_set_aside, restore, restore_as_new, undo_restore, verify_backup};
use crate::error::Result;
use domain::job::Kind;
use domain::plan::Step;

/// The job of a kind, with its stored parameters.
pub(crate) fn job_of(kind: Kind, params: &str) -> Result<Box<dyn Job>> {
    Ok(match kind {
        Kind::Backup => Box::new(serde_json::from_str::<backup::Params>(params)?),
        Kind::Restore => Box::new(serde_json::from_str::<restore::Params>(params)?),
        Kind::RestoreAsNew => Box::new(serde_json::from_str::<restore_as_new::Params>(params)?),
        Kind::UndoRestore => Box::new(serde_json::from_str::<undo_restore::Params>(params)?),
        Kind::RemoveSetAside => Box::new(serde_json::from_str::<remove_set_aside::Params>(params)?),
        Kind::Verify => Box::new(serde_json::from_str::<verify_backup::Params>(params)?),
        Kind::Drill => Box::new(serde_json::from_str::<drill::Params>(params)?),
        Kind::ProveDump => Box::new(serde_json::from_str::<prove_dump::Params>(params)?),
        Kind::Start => Box::new(operate::Start),
        Kind::Stop => Box::new(operate::Stop),
        Kind::Restart => Box::new(operate::Restart),
        Kind::Prune => Box::new(serde_json::from_str::<prune::Params>(params)?),
    })
}

/// The plan of a kind, also of jobs long over. `work`: what its steps have kept so far.
pub(crate) fn plan_of(kind: Kind, work: &str) -> &'static [Step] {
    match kind {
        Kind::Backup => backup::plan(work),
        Kind::Restore => &restore::PLAN,
        Kind::RestoreAsNew => &restore_as_new::PLAN,
        Kind::UndoRestore => &undo_restore::PLAN,
        Kind::RemoveSetAside => &remove_set_aside::PLAN,
        Kind::Verify => &verify_backup::PLAN,
        Kind::Drill => &drill::PLAN,
        Kind::ProveDump => &prove_dump::PLAN,
        Kind::Start => &operate::START,
        Kind::Stop => &operate::STOP,
        Kind::Restart => &operate::RESTART,
        Kind::Prune => &prune::PLAN,
    }
}
