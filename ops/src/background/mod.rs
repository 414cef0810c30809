//! What runs by itself.

pub(crate) mod alarms;
pub(crate) mod deliveries;
pub(crate) mod maintenance;
pub(crate) mod observer;
pub(crate) mod sampler;
pub(crate) mod scheduler;
pub mod supervisor;

use crate::console::Console;
use crate::console::loops::Loop;
use crate::jobs::runner;
use futures::future::BoxFuture;
use std::time::Duration;
use supervisor::supervise;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Starts the runner of jobs (which first resumes what a crash interrupted), the observer, the sampler, the scheduler,
/// maintenance, and alarms with their deliveries, which do not depend on any of them. All end when `stop` is cancelled;
/// a job in mid-step goes on at the next start.
pub fn start(console: &Console, stop: &CancellationToken) -> TaskTracker {
    let tasks = TaskTracker::new();
    let spawn = |which, start: fn(Console) -> BoxFuture<'static, ()>| {
        let (console, stop) = (console.clone(), stop.clone());
        tasks.spawn(
            async move { stop.run_until_cancelled(supervise(&console, which, || start(console.clone()))).await },
        );
    };
    spawn(Loop::Jobs, |console| Box::pin(runner::run_forever(console.state)));
    spawn(Loop::Cache, |console| Box::pin(forget_each_second(console)));
    spawn(Loop::Observer, |console| Box::pin(observer::observe_forever(console.state)));
    spawn(Loop::Scheduler, |console| Box::pin(scheduler::run_forever(console)));
    spawn(Loop::Maintenance, |console| Box::pin(maintenance::run_forever(console)));
    spawn(Loop::Samples, |console| Box::pin(sampler::sample_forever(console.state)));
    spawn(Loop::Alarms, |console| Box::pin(alarms::run_forever(console.state)));
    let (console, stop) = (console.clone(), stop.clone());
    tasks.spawn(async move {
        supervise(&console, Loop::Deliveries, || deliveries::deliver_forever(console.state.clone(), stop.clone()))
            .await;
    });
    tasks.close();
    tasks
}

/// The CLI writes to the same database, so cached rows expire after one second.
async fn forget_each_second(console: Console) {
    loop {
        console.state.ports.clock.sleep(Duration::from_secs(1)).await;
        console.state.store.clear_cache();
    }
}
