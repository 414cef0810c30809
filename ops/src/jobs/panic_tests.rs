//! A fault of the console itself in the middle of a job.

use super::runner;
use super::stage::Stage;
use domain::job::{JobId, JobView, Kind, State};

/// As the runner does it: outside of a step, a panic ends the driving of a job, and the next look drives it again.
async fn drive(stage: &Stage, job: JobId) -> JobView {
    let state = || stage.test.console.state.clone();
    while matches!(stage.view(job).await.brief.state, State::Queued | State::Running) {
        let driven = tokio::spawn(runner::drive(state(), job)).await;
        assert!(driven.is_ok() || !stage.test.world.panic_is_ahead());
    }
    let sweep = |state| tokio::spawn(async move { runner::sweep(&state).await });
    if sweep(state()).await.is_err() {
        sweep(state()).await.expect("one panic only");
    }
    stage.view(job).await
}

#[tokio::test]
async fn a_panic_in_any_step_fails_the_job_and_all_is_as_before() {
    for n in 1.. {
        let stage = Stage::for_kind(Kind::UndoRestore).await;
        let before = stage.nodes();
        let job = stage.queue(Kind::UndoRestore).await;
        stage.test.world.panic_call(n);
        let view = drive(&stage, job).await;
        if stage.test.world.panic_is_ahead() {
            assert!(n > 10 && view.brief.state == State::Succeeded, "{n} calls");
            return;
        }
        assert!(view.brief.state != State::Stuck && !view.brief.state.is_live(), "call {n}: {:?}", view.problem);
        if view.brief.state != State::Succeeded {
            let problem = view.problem.expect("a problem");
            assert!(
                problem.incident.is_some() && !problem.to_string().contains("the test wanted it"),
                "the cause is for the log: {problem}"
            );
        }
        stage.is_sound(Kind::UndoRestore, view.brief.state, before, &format!("call {n} panicked")).await;
    }
}

#[tokio::test]
async fn the_runner_goes_on_after_a_panic() {
    let stage = Stage::new().await;
    let first = stage.queue(Kind::Backup).await;
    // The first two calls are the sweep's.
    stage.test.world.panic_call(4);
    let runner = tokio::spawn(runner::run_forever(stage.test.console.state.clone()));
    while stage.view(first).await.brief.state.is_live() {
        tokio::task::yield_now().await;
    }
    assert_eq!(stage.view(first).await.brief.state, State::Failed);
    let second = stage.queue(Kind::Backup).await;
    while stage.view(second).await.brief.state.is_live() {
        tokio::task::yield_now().await;
    }
    assert_eq!(stage.view(second).await.brief.state, State::Succeeded);
    runner.abort();
}
