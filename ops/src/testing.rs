//! A console on the fakes, for tests.

use crate::console::Console;
use crate::crypto::seal::Seal;
use crate::error::{Error, Result};
use crate::jobs::runner;
use crate::store::Store;
use crate::timeouts::Timeouts;
use crate::{Actor, Via};
use domain::job::JobId;
use domain::member::{MemberId, Role};
use fakes::{FakeClock, FakeEngine, FakeGraph, FakeMessages, FakeRegistry, MemoryTarget, MemoryTargets, World};
use ports::{Engines, OpenTarget, Ports, Target};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;

/// A console on fakes, with everything a test may want to change or look at.
pub struct TestConsole {
    pub console: Console,
    pub world: World,
    pub clock: Arc<FakeClock>,
    pub target: Arc<MemoryTarget>,
    pub targets: Arc<MemoryTargets>,
    pub messages: Arc<FakeMessages>,
}

/// A database as the migrations leave it. Some thousand consoles are made in a run: to migrate each anew is a third of
/// their work.
static NEW_DATABASE: OnceCell<Vec<u8>> = OnceCell::const_new();

async fn new_database() -> Result<Vec<u8>> {
    let directory = tempfile::tempdir().map_err(Error::internal)?;
    Store::open(directory.path()).await?.close().await;
    tokio::fs::read(directory.path().join("console.db")).await.map_err(Error::internal)
}

impl TestConsole {
    /// On a data directory; a second one on the same directory is the same console after a restart.
    pub async fn open(directory: &Path, world: World, target: Arc<MemoryTarget>) -> Result<Self> {
        let targets = Arc::new(MemoryTargets::default());
        Self::open_on(directory, world, (target.clone(), targets.clone()), (target, targets)).await
    }

    /// With storage that is not the fakes', for example real: `target` and `targets` of what comes back are then not
    /// used.
    pub async fn open_on_storage(
        directory: &Path,
        world: World,
        own: Arc<dyn Target>,
        others: Arc<dyn OpenTarget>,
    ) -> Result<Self> {
        Self::open_on(directory, world, Default::default(), (own, others)).await
    }

    async fn open_on(
        directory: &Path,
        world: World,
        (target, targets): (Arc<MemoryTarget>, Arc<MemoryTargets>),
        storage: (Arc<dyn Target>, Arc<dyn OpenTarget>),
    ) -> Result<Self> {
        let clock = Arc::new(FakeClock::default());
        let messages = Arc::new(FakeMessages::default());
        let ports = Ports {
            engines: Engines::local(Arc::new(FakeEngine(world.clone()))),
            graph: Arc::new(FakeGraph(world.clone())),
            target: storage.0,
            targets: storage.1,
            mailer: messages.clone(),
            webhook: messages.clone(),
            registry: Arc::new(FakeRegistry(world.clone())),
            clock: clock.clone(),
        };
        let timeouts = Timeouts {
            stop: Duration::from_secs(1),
            ready: Duration::from_secs(30),
            poll: Duration::from_millis(1),
            helper: Duration::from_secs(60),
            max_heavy_jobs: 1,
        };
        let file = directory.join("console.db");
        if !file.exists() {
            tokio::fs::write(&file, NEW_DATABASE.get_or_try_init(new_database).await?)
                .await
                .map_err(Error::internal)?;
        }
        let store = Store::open(directory).await?;
        let console = Console::new(store, Seal::from_key([7; 32]), ports, timeouts).await?;
        Ok(Self { console, world, clock, target, targets, messages })
    }

    /// One round of each loop of the notifications.
    pub async fn notify(&self) -> Result<()> {
        crate::background::alarms::look(&self.console.state).await?;
        crate::background::deliveries::round(&self.console.state, &tokio_util::sync::CancellationToken::new()).await
    }

    /// One look at the schedules; what it queued runs to its end. How many jobs that were: one or none.
    pub async fn look_at_schedules(&self) -> Result<usize> {
        crate::background::scheduler::tick(&self.console).await?;
        let live = self.console.state.store.live_jobs().await?;
        for job in &live {
            while runner::advance(&self.console.state, job.id).await? {}
        }
        Ok(live.len())
    }

    /// Room for its database is set aside, as soon after each start.
    pub async fn ensure_space_reserve(&self) {
        self.console.state.store.ensure_space_reserve().await;
    }

    /// As the runner drives a job: to its end, whatever fails.
    pub async fn run(&self, job: JobId) {
        runner::drive(self.console.state.clone(), job).await;
    }

    /// What comes after jobs: left-overs are removed, and deployments that are no more.
    pub async fn sweep(&self) {
        crate::jobs::runner::sweep(&self.console.state).await;
    }

    /// Does decisions of a job until none is left or `limit` marks pairs were made; a test stops it anywhere to play a
    /// crash.
    pub async fn drive(&self, job: JobId, limit: usize) -> Result<bool> {
        for _ in 0..limit {
            if !runner::advance(&self.console.state, job).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Somebody with a role.
pub fn actor(role: Role) -> Actor {
    Actor {
        id: MemberId(1),
        name: format!("the {}", role.as_str()),
        role,
        via: Via::Browser,
        address: "127.0.0.1".into(),
        epoch: 1,
    }
}
