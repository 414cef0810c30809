//! Every job × three generic tests: each step may fail, each step may be repeated, the console may die after any mark.
//! Whatever happens, the job ends, Neo4j runs, nothing is lost and nothing of ours is left behind.

use super::backup::SHORT_PLAN;
use super::stage::{Stage, sales};
use crate::jobs::registry::plan_of;
use crate::testing::actor;
use crate::use_cases::backups::StartBackup;
use crate::use_cases::jobs::CancelJob;
use domain::job::Kind;
use domain::job::{JobId, State, StepState};
use domain::member::Role;
use domain::plan::Mark;
use domain::text::Reason;

/// Every kind of job, and whether the data volume can clone files.
fn cases() -> Vec<(Kind, bool)> {
    Kind::ALL.iter().map(|kind| (*kind, false)).chain([(Kind::Backup, true)]).collect()
}

fn steps_of(kind: Kind, cloning: bool) -> usize {
    if kind == Kind::Backup && cloning { SHORT_PLAN.len() } else { plan_of(kind, "{}").len() }
}

/// A job that has done so many steps, on a stage of its own; the nodes there were before it.
async fn driven(kind: Kind, cloning: bool, steps: usize) -> (Stage, u64, JobId) {
    let stage = Stage::for_case(kind, cloning).await;
    let before = stage.nodes();
    let job = stage.queue(kind).await;
    stage.test.drive(job, steps).await.expect("the store works");
    (stage, before, job)
}

#[tokio::test]
async fn every_job_does_its_work() {
    for (kind, cloning) in cases() {
        let stage = Stage::for_case(kind, cloning).await;
        let before = stage.nodes();
        let job = stage.queue(kind).await;
        let view = stage.finish(job).await;
        assert_eq!(view.brief.state, State::Succeeded, "{kind:?}: {:?}", view.problem);
        assert!(view.steps.iter().all(|s| s.state == StepState::Done));
        stage.is_sound(kind, State::Succeeded, before, "plain").await;
    }
}

#[tokio::test]
async fn every_call_to_the_engine_may_fail_once() {
    for (kind, cloning) in cases() {
        for n in 1.. {
            let stage = Stage::for_case(kind, cloning).await;
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
            stage.is_sound(kind, view.brief.state, before, &format!("{kind:?}, call {n} failed")).await;
        }
    }
}

#[tokio::test]
async fn the_console_may_die_after_any_mark_and_in_any_step() {
    for (kind, cloning) in cases() {
        for steps in 0..steps_of(kind, cloning) {
            for in_mid_step in [false, true] {
                let (mut stage, before, job) = driven(kind, cloning, steps).await;
                if in_mid_step {
                    stage.die_in_step(job).await;
                } else {
                    stage.restart().await;
                }
                let view = stage.finish(job).await;
                assert_eq!(view.brief.state, State::Succeeded, "{kind:?} after {steps}: {:?}", view.problem);
                stage.is_sound(kind, State::Succeeded, before, &format!("{kind:?}, died after {steps} steps")).await;
            }
        }
    }
}

#[tokio::test]
async fn a_step_that_ends_the_console_three_times_is_given_up_and_all_is_as_before() {
    for (kind, cloning) in cases() {
        for steps in 0..steps_of(kind, cloning) {
            let (mut stage, before, job) = driven(kind, cloning, steps).await;
            for _ in 0..3 {
                stage.die_in_step(job).await;
            }
            let view = stage.finish(job).await;
            let said = view.problem.expect("a problem").title;
            assert!(said.starts_with("The console ended 3 times during"), "{said}");
            assert!(
                matches!(view.brief.state, State::Failed | State::RolledBack),
                "{kind:?} after {steps}: {:?}",
                view.brief.state
            );
            stage.is_sound(kind, view.brief.state, before, &format!("{kind:?}, given up after {steps} steps")).await;
        }
    }
}

#[tokio::test]
async fn every_job_may_be_cancelled_between_any_two_steps() {
    for (kind, cloning) in cases() {
        for steps in 0..steps_of(kind, cloning) {
            let (mut stage, before, job) = driven(kind, cloning, steps).await;
            let asked = stage.test.console.perform(&actor(Role::Operator), CancelJob { job }).await;
            let last_change = plan_of(kind, "{}").iter().rposition(|step| step.touches);
            if kind.change_is_final() && last_change.is_some_and(|last| steps > last) {
                let problem = asked.expect_err("too late").problem();
                assert!(problem.title.contains("has made all its changes"), "{problem}");
                let view = stage.finish(job).await;
                assert_eq!(view.brief.state, State::Succeeded, "{kind:?} after {steps}");
                stage.is_sound(kind, State::Succeeded, before, "too late to cancel").await;
                continue;
            }
            asked.expect("asked");
            // And the console dies in the middle of unwinding, too.
            stage.test.drive(job, 1).await.expect("the store works");
            stage.restart().await;
            let view = stage.finish(job).await;
            assert_eq!(view.brief.state, State::Cancelled, "{kind:?} after {steps}");
            stage.is_sound(kind, State::Cancelled, before, &format!("{kind:?}, cancelled after {steps} steps")).await;
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
    stage.test.world.set_down(Some(ports::EngineError::Denied("POST".into())));
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, State::Stuck);
    assert!(view.problem.expect("a problem").means.contains("disk is full"), "the first cause is kept");
    stage.test.world.set_down(None);
    stage.test.console.perform(&actor(Role::Operator), crate::use_cases::jobs::RetryUndo { job }).await.expect("again");
    // The page that is drawn next asks on: a job that is stuck does nothing any more.
    assert_eq!(stage.view(job).await.brief.state, State::Running);
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, State::RolledBack);
    stage.is_sound(Kind::Backup, State::RolledBack, 3, "after trying the undo again").await;
    let marks = stage.test.console.state.store.marks(job).await.expect("marks");
    assert!(marks.iter().any(|m| m.mark == Mark::UndoFailed));
}

#[tokio::test]
async fn two_members_starting_jobs_at_once_get_one_job_and_one_busy() {
    let stage = Stage::new().await;
    let (one, two) = (actor(Role::Operator), actor(Role::Lead));
    let start =
        || StartBackup { deployment: sales(), reason: Reason::default(), targets: vec![], kind: Default::default() };
    let (a, b) = tokio::join!(stage.test.console.perform(&one, start()), stage.test.console.perform(&two, start()));
    let (winner, loser) = if a.is_ok() { (a, b) } else { (b, a) };
    let job = winner.expect("one is queued");
    let problem = loser.expect_err("one is refused").problem();
    assert_eq!((problem.kind, problem.job), (domain::problem::ProblemKind::Busy, Some(job.0)));
}

#[tokio::test]
async fn a_job_that_cannot_begin_ends_and_holds_nobody_up() {
    let stage = Stage::new().await;
    let job = stage.queue(Kind::Backup).await;
    stage.test.console.state.store.delete_deployment(&sales()).await.expect("deleted");
    super::runner::drive(stage.test.console.state.clone(), job).await;
    let view = stage.view(job).await;
    assert_eq!(view.brief.state, State::Failed);
    assert!(view.problem.expect("a problem").title.contains("no deployment sales"));
}

#[tokio::test]
async fn heavy_jobs_of_several_deployments_take_turns_and_say_so() {
    let stage = Stage::new().await;
    stage.test.world.add_container_like("sales", "second");
    stage.test.world.change("second", |c| {
        c.mounts[0].source =
            domain::container::MountSource::Volume(domain::container::VolumeName("second-data".into()));
        c.ports[0].host = Some(domain::container::HostPort { address: "127.0.0.1".into(), port: 17_688 });
    });
    stage.test.world.write_store("second-data", "neo4j", &super::stage::graph(4));
    stage.test.world.set_password("second-data", "correct horse");
    let adopt = crate::use_cases::deployments::AdoptDeployment {
        host: domain::host::HostId::local(),
        container: "second".into(),
        user: "neo4j".into(),
        password: "correct horse".into(),
        name: None,
        environment: domain::environment::Environment::default(),
    };
    let second = stage.test.console.perform(&actor(Role::Admin), adopt).await.expect("adopted");
    let first = stage.queue(Kind::Backup).await;
    let start =
        StartBackup { deployment: second, reason: Reason::default(), targets: vec![], kind: Default::default() };
    let other = stage.test.console.perform(&actor(Role::Operator), start).await.expect("queued");
    assert_eq!((stage.view(first).await.waits_for, stage.view(other).await.waits_for), (None, Some(first)));
    assert_eq!(stage.finish(first).await.brief.state, State::Succeeded);
    assert_eq!(stage.view(other).await.waits_for, None);
    // The runner itself.
    let state = stage.test.console.state.clone();
    let runner = tokio::spawn(super::runner::run_forever(state));
    while stage.view(other).await.brief.state != State::Succeeded {
        tokio::task::yield_now().await;
    }
    runner.abort();
}
