//! Who applies a change: the one who will make the container anew.

use crate::Problem;
use crate::container::Owner;
use crate::problem::ProblemKind;

impl Owner {
    /// Fails where somebody else makes the container anew, and would undo the change by that.
    ///
    /// # Errors
    /// With what to do instead.
    pub fn applies_changes(&self) -> Result<(), Problem> {
        let (title, how) = match self {
            Self::Console | Self::Docker => return Ok(()),
            Self::Compose(project) => (
                format!("This container belongs to the compose project {project}."),
                "Change its compose file as the plan says, then run docker compose up -d.",
            ),
            Self::Coolify(name) => (
                format!("This container belongs to Coolify ({name})."),
                "Make the change in Coolify as the plan says, then deploy it there.",
            ),
        };
        Err(Problem::new(ProblemKind::Conflict, title)
            .means("It would be made anew from there, without this change. The console does not change it.")
            .next_step(how))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_container_that_nobody_else_makes_anew_is_changed() {
        assert_eq!((Owner::Console.applies_changes(), Owner::Docker.applies_changes()), (Ok(()), Ok(())));
        for owner in [Owner::Compose("shop".into()), Owner::Coolify("graph".into())] {
            let problem = owner.applies_changes().expect_err("refused");
            assert!(problem.next_steps[0].contains("as the plan says"), "{problem:?}");
        }
    }
}
