//! What runs by itself.

pub(crate) mod alarms;
pub(crate) mod deliveries;
pub(crate) mod maintenance;
pub(crate) mod observer;
pub(crate) mod scheduler;

use crate::console::Console;
use crate::jobs::runner;
use futures::future::BoxFuture;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Starts the runner of jobs (which first resumes what a crash interrupted), the observer, the scheduler, maintenance, and alarms with
/// their deliveries, which do not depend on any of them. All end when `stop` is cancelled; a job in mid-step goes on at the next start.
pub fn start(console: &Console, stop: &CancellationToken) -> TaskTracker {
    let tasks = TaskTracker::new();
    let (inner, reader) = (|| console.inner.clone(), console.inner.clone());
    let until = |work: BoxFuture<'static, ()>| {
        let stop = stop.clone();
        tasks.spawn(async move { stop.run_until_cancelled(work).await });
    };
    until(Box::pin(runner::run_forever(inner())));
    until(Box::pin(async move {
        // The command line writes the same database.
        loop {
            reader.ports.clock.sleep(Duration::from_secs(1)).await;
            reader.store.forget_kept();
        }
    }));
    until(Box::pin(observer::observe_forever(inner())));
    until(Box::pin(scheduler::watch_forever(console.clone())));
    until(Box::pin(maintenance::watch_forever(console.clone())));
    until(Box::pin(alarms::watch_forever(inner())));
    tasks.spawn(deliveries::deliver_forever(inner(), stop.clone()));
    tasks.close();
    tasks
}
