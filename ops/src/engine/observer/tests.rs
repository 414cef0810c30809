//! Looks that meet, and a clock that is set.

use crate::use_cases::deployments::{Discover, RefreshDeployment};

use crate::jobs::stage::{Stage, sales};
use crate::testing::actor;
use chrono::TimeDelta;
use domain::job::{Kind, State};
use domain::member::Role;
use futures::future::join_all;

async fn look_often(stage: &Stage, times: usize) {
    let viewer = actor(Role::Viewer);
    let looks = (0..times).map(|_| stage.test.console.ask(&viewer, RefreshDeployment { deployment: sales() }));
    assert!(join_all(looks).await.iter().all(Result::is_ok));
}

#[tokio::test]
async fn many_who_ask_at_once_share_a_look() {
    let stage = Stage::new().await;
    let calls = async |times| {
        let before = stage.test.world.calls();
        look_often(&stage, times).await;
        stage.test.world.calls() - before
    };
    let one = calls(1).await;
    assert!(one > 0);
    // The first began before the others asked, who therefore share a second one.
    assert_eq!(calls(100).await, 2 * one);
}

#[tokio::test]
async fn many_who_ask_at_once_try_a_stale_password_once() {
    let stage = Stage::new().await;
    stage.test.world.set_password("sales-data", "another");
    let before = stage.test.world.refused_sign_ins();
    look_often(&stage, 20).await;
    assert_eq!(stage.test.world.refused_sign_ins() - before, 1);
}

#[tokio::test]
async fn a_clock_set_back_by_a_day_leaves_nothing_stale() {
    let stage = Stage::new().await;
    let admin = actor(Role::Admin);
    let discovered = async || stage.test.console.ask(&admin, Discover { now: false }).await.expect("a list").len();
    let room = || stage.test.console.state.observer.last(&sales()).and_then(|seen| seen.room).map(|room| room.free);
    look_often(&stage, 1).await;
    let (listed, free) = (discovered().await, room().expect("measured"));
    stage.test.clock.set(stage.now() - TimeDelta::days(1));
    stage.test.clock.forward(TimeDelta::minutes(2));
    stage.test.world.set_free(free - 1);
    stage.test.world.add_container_like("sales", "newcomer");
    look_often(&stage, 1).await;
    assert_eq!((discovered().await, room()), (listed + 1, Some(free - 1)));
}

#[tokio::test]
async fn a_clock_set_forward_by_a_day_ends_no_wait() {
    for kind in [Kind::Start, Kind::Restart] {
        let stage = Stage::new().await;
        if kind == Kind::Start {
            let stop = stage.queue(Kind::Stop).await;
            assert_eq!(stage.finish(stop).await.brief.state, State::Succeeded);
        }
        let job = stage.queue(kind).await;
        stage.test.world.lock_user(2);
        stage.test.clock.let_jump(TimeDelta::days(1));
        let done = stage.finish(job).await;
        assert_eq!(done.brief.state, State::Succeeded, "{kind:?}: {:?}", done.problem);
    }
}
