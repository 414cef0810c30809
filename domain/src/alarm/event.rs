//! What people are told: one event is one message, in words, to every channel that wants its kind. It holds no secret;
//! names in it come from people, so each channel's shape makes them harmless (`channel::payload`).

mod kind;

pub use kind::{Kind, Level};

use crate::Problem;
use crate::deployment::DeploymentName;
use crate::freshness::{Age, Freshness};
use crate::job::{JobBrief, JobId, Kind as JobKind, State};
use crate::replaced::Replaced;
use crate::schedule::Run;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Something that people may want to be told, with its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub kind: Kind,
    /// What is over, when `kind` is `recovered`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Kind>,
    pub level: Level,
    /// What happened, as a sentence.
    pub title: String,
    /// What it means.
    pub means: String,
    /// What to do, in order.
    pub todo: Vec<String>,
    pub deployment: Option<DeploymentName>,
    pub job: Option<JobId>,
    pub at: DateTime<Utc>,
}

impl Event {
    fn about(kind: Kind, level: Level, deployment: &DeploymentName, title: String, at: DateTime<Utc>) -> Self {
        Self {
            kind,
            of: None,
            level,
            title,
            means: String::new(),
            todo: Vec::new(),
            deployment: Some(deployment.clone()),
            job: None,
            at,
        }
    }

    fn means(self, means: impl Into<String>) -> Self {
        Self { means: means.into(), ..self }
    }

    fn next_step(mut self, step: impl Into<String>) -> Self {
        self.todo.push(step.into());
        self
    }

    fn of_job(self, job: &JobBrief) -> Self {
        Self { job: Some(job.id), ..self }
    }

    /// There is no verified backup as young as allowed; worse when nobody looked for as long again.
    pub fn overdue(deployment: &DeploymentName, freshness: &Freshness) -> Self {
        let level = if freshness.is_long_overdue() { Level::Critical } else { Level::Warning };
        let title = match freshness.age {
            Age::Never => format!("{deployment} has no verified backup."),
            Age::Ok | Age::DueSoon | Age::Overdue => {
                format!("{deployment} has no verified backup of the last {} hours.", freshness.allowance.as_hours())
            }
        };
        Self::about(Kind::Overdue, level, deployment, title, freshness.now)
            .means(format!(
                "{} If the disk fails or data is deleted, what changed since then is lost.",
                freshness.sentence()
            ))
            .next_step("Check whether its backups run and why the last one failed.")
            .next_step("Back up now.")
    }

    /// The last run of each of these schedules was not made. None when there is none.
    pub fn run_missed(deployment: &DeploymentName, missed: &[Run], at: DateTime<Utc>) -> Option<Self> {
        let (first, more) = missed.split_first()?;
        let title = match more {
            [] => format!("{deployment}: the schedule {} missed a backup.", first.schedule),
            _ => format!("{deployment}: {} schedules missed a backup.", missed.len()),
        };
        let notes = missed.iter().map(|run| format!("{}: {}", run.schedule, run.note)).collect::<Vec<_>>().join(" ");
        let event = Self::about(Kind::RunMissed, Level::Warning, deployment, title, at)
            .means(format!("{notes} The next run is made as planned."))
            .next_step("Back up now: that stands in for the missed run.")
            .next_step(
                "Check whether the console was off at that time or another job was running, and move the \
                schedule if necessary.",
            );
        Some(event)
    }

    /// The deployment has other data than its backups.
    pub fn data_replaced(deployment: &DeploymentName, replaced: &Replaced, at: DateTime<Utc>) -> Self {
        Self::about(Kind::DataReplaced, Level::Critical, deployment, format!("{deployment}: {}", replaced.what()), at)
            .means(replaced.why())
            .next_step("Check which volume its container mounts.")
            .next_step("Restore that backup, or accept the current data on the deployment's page.")
    }

    /// What the end of a job tells, if anything. A new kind of job must say here whether it does.
    pub fn of_ended(job: &JobBrief, problem: Option<&Problem>, at: DateTime<Utc>) -> Option<Self> {
        match (job.state, job.kind) {
            (State::Stuck, _) => Some(Self::stuck(job, problem, at)),
            (State::Failed | State::RolledBack, JobKind::Backup) => Some(Self::backup_failed(job, problem, at)),
            (State::Succeeded, JobKind::Restore) => Some(Self::restore_done(job, at)),
            // It is verified on some target; the problem names the others.
            (State::Succeeded, JobKind::Backup) => problem.map(|p| Self::copies_failed(job, p, at)),
            (State::Succeeded, JobKind::Prune) => problem.map(|p| Self::copies_failed(job, p, at)),
            (State::Failed, JobKind::Verify) => problem.map(|p| Self::copies_failed(job, p, at)),
            (State::Failed | State::RolledBack, JobKind::Drill) => {
                problem.map(|p| Self::drill_failed(&job.deployment, job.id, p, at))
            }
            (_, JobKind::Backup | JobKind::Restore | JobKind::Verify | JobKind::Drill | JobKind::Prune) => None,
            (_, JobKind::RestoreAsNew | JobKind::UndoRestore | JobKind::RemoveSetAside | JobKind::ProveDump) => None,
            (_, JobKind::Start | JobKind::Stop | JobKind::Restart | JobKind::Change | JobKind::Rehearsal) => None,
            (_, JobKind::CreateDeployment | JobKind::DeleteDeployment) => None,
        }
    }

    /// The alarms that the end of a job ends. A stuck job holds its deployment, so the next end there is the end of
    /// that.
    pub const fn over_with(job: &JobBrief, problem: Option<&Problem>) -> &'static [Kind] {
        match (job.state, job.kind) {
            (State::Queued | State::Running | State::Stuck, _) => &[],
            (State::Succeeded, JobKind::Backup) if problem.is_some() => &[Kind::BackupFailed, Kind::StuckJob],
            (State::Succeeded, JobKind::Backup) => &[Kind::BackupFailed, Kind::TargetFailed, Kind::StuckJob],
            // Every copy was read.
            (State::Succeeded, JobKind::Verify) => &[Kind::TargetFailed, Kind::StuckJob],
            (State::Succeeded, JobKind::Drill) => &[Kind::DrillFailed, Kind::StuckJob],
            _ => &[Kind::StuckJob],
        }
    }

    /// For the dead-man ping: a job that made a backup succeeds only after everything was read back.
    pub fn backup_verified(job: &JobBrief, at: DateTime<Utc>) -> Option<Self> {
        let made = job.kind == JobKind::Backup && job.state == State::Succeeded;
        let title = format!("{} has a new verified backup.", job.deployment);
        made.then(|| Self::about(Kind::BackupVerified, Level::Info, &job.deployment, title, at).of_job(job))
    }

    fn backup_failed(job: &JobBrief, problem: Option<&Problem>, at: DateTime<Utc>) -> Self {
        let event = Self::about(
            Kind::BackupFailed,
            Level::Warning,
            &job.deployment,
            format!("The backup of {} failed.", job.deployment),
            at,
        );
        caused(event, problem, "Neo4j runs as before; there is no new backup.")
            .next_step("Then back up again.")
            .of_job(job)
    }

    fn stuck(job: &JobBrief, problem: Option<&Problem>, at: DateTime<Utc>) -> Self {
        let title = format!("{} of {} is stuck.", job.kind.noun(), job.deployment);
        let event = Self::about(Kind::StuckJob, Level::Critical, &job.deployment, title, at);
        let means = "It failed, and what it had changed could not be put back. No other job can run there, and Neo4j \
            may be offline.";
        caused(event, problem, means)
            .next_step(format!("Open job {} in the console and choose \"Try undo again\".", job.id))
            .of_job(job)
    }

    fn copies_failed(job: &JobBrief, problem: &Problem, at: DateTime<Utc>) -> Self {
        let event = Self::about(
            Kind::TargetFailed,
            Level::Warning,
            &job.deployment,
            format!("A target of {} failed.", job.deployment),
            at,
        );
        caused(event, Some(problem), "What is whole is on the other targets only.").of_job(job)
    }

    fn restore_done(job: &JobBrief, at: DateTime<Utc>) -> Self {
        Self::about(
            Kind::RestoreDone,
            Level::Info,
            &job.deployment,
            format!("The restore of {} is done.", job.deployment),
            at,
        )
        .means(format!("It was started by {}. The data from before is kept; the restore can be undone.", job.by))
        .next_step("Check the data, then remove the set-aside data.")
        .of_job(job)
    }

    /// A target lost, changed or refused something; who works with targets reports it.
    pub fn target_failed(deployment: &DeploymentName, target: &str, problem: &Problem, at: DateTime<Utc>) -> Self {
        let title = format!("The target {target} failed for {deployment}.");
        let event = Self::about(Kind::TargetFailed, Level::Warning, deployment, title, at);
        caused(event, Some(problem), "Backups on other targets are not touched by it.")
    }

    /// A backup could not be proven restorable; drills report it.
    pub fn drill_failed(deployment: &DeploymentName, job: JobId, problem: &Problem, at: DateTime<Utc>) -> Self {
        let event = Self::about(
            Kind::DrillFailed,
            Level::Warning,
            deployment,
            format!("The drill of {deployment} failed."),
            at,
        );
        let event = caused(event, Some(problem), "The backup that was tried is not proven to be restorable.");
        Self { job: Some(job), ..event }
    }

    /// A test message that somebody asked for.
    pub fn test(channel: &str, by: &str, at: DateTime<Utc>) -> Self {
        Self {
            kind: Kind::Test,
            of: None,
            level: Level::Info,
            title: format!("A test of the channel {channel}."),
            means: format!("{by} asked for it in the Neo4j Admin Console. Alarms will come this way."),
            todo: Vec::new(),
            deployment: None,
            job: None,
            at,
        }
    }
}

/// With what a failed job or target says for itself.
fn caused(event: Event, problem: Option<&Problem>, means: &str) -> Event {
    let Some(problem) = problem else { return event.means(means) };
    let event = event.means(format!("{problem} {means}"));
    problem.next_steps.iter().fold(event, |event, step| event.next_step(step.clone()))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::freshness::Allowance;
    use crate::problem::ProblemKind;
    use chrono::TimeDelta;

    pub(crate) fn job(kind: JobKind, state: State) -> JobBrief {
        let deployment = DeploymentName::parse("sales").expect("a name");
        JobBrief {
            id: JobId(7),
            kind,
            deployment,
            state,
            by: "ana".into(),
            reason: String::new(),
            created_at: DateTime::UNIX_EPOCH,
            ended_at: None,
            percent: None,
        }
    }

    #[test]
    fn the_end_of_a_job_tells_only_what_somebody_must_know() {
        let told =
            |kind, state| Event::of_ended(&job(kind, state), None, DateTime::UNIX_EPOCH).map(|e| (e.kind, e.level));
        assert_eq!(told(JobKind::Backup, State::Failed), Some((Kind::BackupFailed, Level::Warning)));
        assert_eq!(told(JobKind::Backup, State::RolledBack), Some((Kind::BackupFailed, Level::Warning)));
        assert_eq!(told(JobKind::Backup, State::Succeeded), None);
        assert_eq!(told(JobKind::Backup, State::Cancelled), None, "somebody wanted that");
        assert_eq!(told(JobKind::Restore, State::Succeeded), Some((Kind::RestoreDone, Level::Info)));
        assert!(JobKind::ALL.iter().all(|kind| told(*kind, State::Stuck) == Some((Kind::StuckJob, Level::Critical))));
    }

    #[test]
    fn a_failed_backup_says_why_and_what_to_do() {
        let problem = Problem::new(ProblemKind::Unavailable, "The target of the backups is full.")
            .next_step("Free some space there.");
        let event =
            Event::of_ended(&job(JobKind::Backup, State::Failed), Some(&problem), DateTime::UNIX_EPOCH).expect("told");
        assert_eq!(event.title, "The backup of sales failed.");
        assert_eq!(event.means, "The target of the backups is full. Neo4j runs as before; there is no new backup.");
        assert_eq!(
            (event.todo, event.job),
            (vec!["Free some space there.".to_string(), "Then back up again.".into()], Some(JobId(7)))
        );
    }

    #[test]
    fn a_target_that_failed_has_recovered_when_all_copies_were_written_or_read() {
        let over = |kind, problem: Option<&Problem>| {
            Event::over_with(&job(kind, State::Succeeded), problem).contains(&Kind::TargetFailed)
        };
        let problem = Problem::new(ProblemKind::Unavailable, "One target is away.");
        assert!(over(JobKind::Backup, None) && over(JobKind::Verify, None));
        assert!(!over(JobKind::Backup, Some(&problem)) && !over(JobKind::Restore, None));
        let pruned = Event::of_ended(&job(JobKind::Prune, State::Succeeded), Some(&problem), DateTime::UNIX_EPOCH)
            .expect("told");
        assert_eq!(pruned.kind, Kind::TargetFailed);
    }

    #[test]
    fn overdue_grows_worse_when_nobody_looks() {
        let made = DateTime::UNIX_EPOCH;
        let name = DeploymentName::parse("sales").expect("a name");
        let level = |hours| {
            Event::overdue(&name, &Freshness::compute(Some(made), Allowance::default(), made + TimeDelta::hours(hours)))
                .level
        };
        assert_eq!((level(27), level(53)), (Level::Warning, Level::Critical));
        let never = Event::overdue(&name, &Freshness::compute(None, Allowance::default(), made));
        assert_eq!((never.title.as_str(), never.level), ("sales has no verified backup.", Level::Warning));
    }

    #[test]
    fn kinds_are_read_as_they_are_written() {
        assert!(Kind::WANTED.iter().all(|k| Kind::parse(k.as_str()) == Some(*k)));
        assert_eq!(Kind::parse("x"), None);
    }
}
