//! The loops by themselves, with the real clock: nobody asks for a look, no job runs.

use super::receiver::{Answer, Receiver};
use super::{console, destination_of};
use adapters::system_clock::SystemClock;
use domain::alarm::event::Kind;
use domain::channel::{ChannelName, Terms};
use domain::member::Role;
use ops::Console;
use ops::testing::actor;
use ops::use_cases::channels::AddChannel;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

async fn wait_for(receiver: &Receiver, limit: Duration) -> Vec<String> {
    let from = Instant::now();
    loop {
        let got: Vec<String> = receiver.got().iter().map(|g| String::from_utf8_lossy(&g.body).into_owned()).collect();
        if !got.is_empty() || from.elapsed() > limit {
            return got;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Runs the console's loops until `look` is done, then stops them as at the end of the process.
async fn running<T>(console: &Console, look: impl Future<Output = T>) -> T {
    let stop = CancellationToken::new();
    let tasks = ops::background::start(console, &stop);
    let seen = look.await;
    stop.cancel();
    tasks.wait().await;
    seen
}

#[tokio::test]
async fn an_alarm_comes_without_any_job_and_not_again_after_a_restart() {
    let directory = tempfile::tempdir().expect("a directory");
    // The console is stopped before the answer: what was sent is written down all the same.
    let receiver = Receiver::start([Answer::Late]).await;
    let first = console(&directory, Arc::new(SystemClock)).await;
    let terms = Terms { events: vec![Kind::Overdue], paused: false, quiet: None };
    let channel = AddChannel {
        name: ChannelName::parse("ops").expect("a name"),
        destination: destination_of(&receiver.url),
        terms,
    };
    first.console.perform(&actor(Role::Lead), channel).await.expect("added");
    let got = running(&first.console, wait_for(&receiver, Duration::from_secs(20))).await;
    assert!(got.len() == 1 && got[0].contains("sales has no verified backup."), "{got:?}");
    first.console.store().close().await;
    let again = super::open(&directory, Arc::new(SystemClock), first.world.clone()).await;
    let got = running(&again.console, wait_for(&receiver, Duration::from_secs(8))).await;
    assert!(got.is_empty(), "{got:?}");
}
