//! Every job × three generic tests: each step may fail, each step may be repeated, the console may die after any mark.
//! Whatever happens, the job ends, Neo4j runs, nothing is lost and nothing of ours is left behind.

use super::{Kind, plan_of};
use crate::backups::StartBackup;
use crate::deployments::{AdoptDeployment, OperateDeployment, Operation};
use crate::jobs::{CancelJob, GetJob};
use crate::restores::{StartRestore, UndoRestore};
use crate::testing::{FakeStore, MemoryTarget, TestConsole, World, actor};
use domain::backup::BackupId;
use domain::deployment::DeploymentName;
use domain::job::{JobId, JobView, State, StepState};
use domain::member::Role;
use domain::plan::Mark;
use domain::text::Reason;
use std::collections::BTreeMap;
use std::sync::Arc;

const FOREVER: usize = 200;

struct Stage {
    test: TestConsole,
    directory: tempfile::TempDir,
    target: Arc<MemoryTarget>,
    backup: Option<BackupId>,
}

fn sales() -> DeploymentName {
    DeploymentName::parse("sales").expect("a name")
}

fn graph(nodes: u64) -> FakeStore {
    FakeStore { nodes, relationships: nodes - 1, users: BTreeMap::new() }
}

impl Stage {
    /// An adopted server with three nodes.
    async fn new() -> Self {
        let (directory, target) = (tempfile::tempdir().expect("a directory"), Arc::new(MemoryTarget::default()));
        let test = TestConsole::open(directory.path(), World::with_sales(), target.clone()).await.expect("a console");
        let adopt = AdoptDeployment { container: "sales".into(), user: "neo4j".into(), password: "correct horse".into(), name: None };
        test.console.perform(&actor(Role::Admin), adopt).await.expect("adopted");
        Self { test, directory, target, backup: None }
    }

    /// As [`Stage::new`], with a backup of three nodes, and nine nodes since.
    async fn with_backup() -> Self {
        let mut stage = Self::new().await;
        let job = stage.queue(Kind::Backup).await;
        assert_eq!(stage.finish(job).await.brief.state, State::Succeeded);
        stage.backup = stage.view(job).await.result.and_then(|r| r.backup);
        stage.test.world.write_store("sales-data", "neo4j", &graph(9));
        stage
    }

    async fn for_kind(kind: Kind) -> Self {
        let stage = match kind {
            Kind::Restore | Kind::UndoRestore => Self::with_backup().await,
            _ => Self::new().await,
        };
        if kind == Kind::UndoRestore {
            let job = stage.queue(Kind::Restore).await;
            assert_eq!(stage.finish(job).await.brief.state, State::Succeeded);
        }
        stage
    }

    async fn queue(&self, kind: Kind) -> JobId {
        let (console, who) = (&self.test.console, actor(Role::Admin));
        let (deployment, reason) = (sales(), Reason::optional("a test").expect("a reason"));
        let operate = |operation| OperateDeployment { deployment: sales(), operation, reason: Reason::default() };
        match kind {
            Kind::Backup => console.perform(&who, StartBackup { deployment, reason }).await,
            Kind::Restore => {
                let backup = self.backup.clone().expect("a backup");
                console.perform(&who, StartRestore { deployment, backup, confirm: "sales".into(), reason, include_users: true }).await
            }
            Kind::UndoRestore => {
                let restore = self.test.console.inner.store.set_aside_jobs(&deployment).await.expect("jobs")[0];
                console.perform(&who, UndoRestore { deployment, restore, confirm: "sales".into(), reason }).await
            }
            Kind::Start => console.perform(&who, operate(Operation::Start)).await,
            Kind::Stop => console.perform(&who, operate(Operation::Stop)).await,
            _ => console.perform(&who, operate(Operation::Restart)).await,
        }
        .expect("queued")
    }

    async fn view(&self, job: JobId) -> JobView {
        self.test.console.ask(&actor(Role::Viewer), GetJob { job }).await.expect("a job")
    }

    async fn finish(&self, job: JobId) -> JobView {
        assert!(!self.test.drive(job, FOREVER).await.expect("the store works"), "the job never ends");
        super::runner::sweep(&self.test.console.inner).await;
        self.view(job).await
    }

    /// The console dies and starts again on the same directory.
    async fn restart(&mut self) {
        self.test = TestConsole::open(self.directory.path(), self.test.world.clone(), self.target.clone()).await.expect("a console");
    }

    fn nodes(&self) -> u64 {
        self.test.world.store("sales-data", "neo4j").map_or(0, |s| s.nodes)
    }

    /// What must hold after a job however it ended.
    fn is_sound(&self, kind: Kind, state: State, before: u64, what: &str) {
        let running = self.test.world.run_state("sales").is_some_and(|r| r.is_running());
        assert!(running || (kind == Kind::Stop && state == State::Succeeded), "{what}: Neo4j does not run after {state:?}");
        let expected = match (kind, state) {
            (Kind::Restore, State::Succeeded) => 3,
            (Kind::UndoRestore, State::Succeeded) => 9,
            _ => before,
        };
        assert_eq!(self.nodes(), expected, "{what}: wrong data after {state:?}");
        let leftovers = self.test.world.leftovers();
        assert!(leftovers.is_empty(), "{what}: left behind after {state:?}: {leftovers:?}");
        if kind == Kind::Backup && state != State::Succeeded {
            assert!(self.target.names().is_empty(), "{what}: half a bundle is left: {:?}", self.target.names());
        }
    }
}

const KINDS: [Kind; 6] = [Kind::Backup, Kind::Restore, Kind::UndoRestore, Kind::Start, Kind::Stop, Kind::Restart];

#[tokio::test]
async fn every_job_does_its_work() {
    for kind in KINDS {
        let stage = Stage::for_kind(kind).await;
        let before = stage.nodes();
        let job = stage.queue(kind).await;
        let view = stage.finish(job).await;
        assert_eq!(view.brief.state, State::Succeeded, "{kind:?}: {:?}", view.problem);
        assert!(view.steps.iter().all(|s| s.state == StepState::Done));
        stage.is_sound(kind, State::Succeeded, before, "plain");
    }
}

#[tokio::test]
async fn every_call_to_the_engine_may_fail_once() {
    for kind in KINDS {
        for n in 1.. {
            let stage = Stage::for_kind(kind).await;
            let before = stage.nodes();
            let job = stage.queue(kind).await;
            stage.test.world.fail_call(n);
            let view = stage.finish(job).await;
            if stage.test.world.failure_is_ahead() {
                assert_eq!(view.brief.state, State::Succeeded);
                break;
            }
            assert_ne!(view.brief.state, State::Stuck, "{kind:?}, call {n}: {:?}", view.problem);
            // A failing start of a plain start leaves the server as it was: here it had been running.
            stage.is_sound(kind, view.brief.state, before, &format!("{kind:?}, call {n} failed"));
        }
    }
}

#[tokio::test]
async fn the_console_may_die_after_any_mark_and_in_any_step() {
    for kind in KINDS {
        for steps in 0..plan_of(kind).len() {
            for in_mid_step in [false, true] {
                let mut stage = Stage::for_kind(kind).await;
                let before = stage.nodes();
                let job = stage.queue(kind).await;
                stage.test.drive(job, steps).await.expect("the store works");
                if in_mid_step {
                    // Dead after the step acted, before its mark: the step is repeated.
                    stage.test.drive(job, 1).await.expect("the store works");
                    stage.test.console.inner.store.forget_last_mark(job).await.expect("forgotten");
                }
                stage.restart().await;
                let view = stage.finish(job).await;
                assert_eq!(view.brief.state, State::Succeeded, "{kind:?} after {steps}: {:?}", view.problem);
                stage.is_sound(kind, State::Succeeded, before, &format!("{kind:?}, died after {steps} steps"));
            }
        }
    }
}

#[tokio::test]
async fn every_job_may_be_cancelled_between_any_two_steps() {
    for kind in KINDS {
        for steps in 0..plan_of(kind).len() {
            let mut stage = Stage::for_kind(kind).await;
            let before = stage.nodes();
            let job = stage.queue(kind).await;
            stage.test.drive(job, steps).await.expect("the store works");
            stage.test.console.perform(&actor(Role::Operator), CancelJob { job }).await.expect("asked");
            // And the console dies in the middle of unwinding, too.
            stage.test.drive(job, 1).await.expect("the store works");
            stage.restart().await;
            let view = stage.finish(job).await;
            assert_eq!(view.brief.state, State::Cancelled, "{kind:?} after {steps}");
            stage.is_sound(kind, State::Cancelled, before, &format!("{kind:?}, cancelled after {steps} steps"));
        }
    }
}

#[tokio::test]
async fn a_failed_undo_is_stuck_with_a_reason_and_can_be_tried_again() {
    let stage = Stage::new().await;
    let job = stage.queue(Kind::Backup).await;
    stage.test.world.fail_helper("dump", "No space left on device");
    // check, prepare, stop, dump (fails): then Docker goes away for the undo.
    stage.test.drive(job, 4).await.expect("the store works");
    stage.test.world.set_down(Some(crate::ports::EngineError::Unreachable("gone".into())));
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, State::Stuck);
    assert!(view.problem.expect("a problem").means.contains("disk is full"), "the first cause is kept");
    stage.test.world.set_down(None);
    stage.test.console.perform(&actor(Role::Operator), super::RetryUndo { job }).await.expect("again");
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, State::RolledBack);
    stage.is_sound(Kind::Backup, State::RolledBack, 3, "after trying the undo again");
    let marks = stage.test.console.inner.store.marks(job).await.expect("marks");
    assert!(marks.iter().any(|m| m.mark == Mark::UndoFailed));
}

#[tokio::test]
async fn two_members_starting_jobs_at_once_get_one_job_and_one_busy() {
    let stage = Stage::new().await;
    let (one, two) = (actor(Role::Operator), actor(Role::Lead));
    let start = || StartBackup { deployment: sales(), reason: Reason::default() };
    let (a, b) = tokio::join!(stage.test.console.perform(&one, start()), stage.test.console.perform(&two, start()));
    let (winner, loser) = if a.is_ok() { (a, b) } else { (b, a) };
    let job = winner.expect("one is queued");
    let problem = loser.expect_err("one is refused").problem();
    assert_eq!((problem.kind, problem.job), (domain::problem::ProblemKind::Busy, Some(job.0)));
}
