//! The one door. Nothing changes without a permission check and an audit entry, because only [`Console`] makes a [`Scene`]
//! and only a scene reaches the store and the engine for a change.

use crate::audit;
use crate::error::{Error, Result};
use crate::observe::Observer;
use crate::ports::Ports;
use crate::seal::Seal;
use crate::store::Store;
use chrono::{DateTime, Utc};
use domain::audit::Outcome;
use domain::member::{MemberId, Role};
use domain::permission::Permission;
use domain::token::Label;
use std::sync::Arc;

/// How somebody came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Via {
    Browser,
    /// By a token for this purpose.
    Api(Label),
    CommandLine,
    /// The console itself, by a schedule or a rule somebody made.
    Schedule,
}

impl Via {
    /// As the audit log has it.
    pub fn words(&self) -> String {
        match self {
            Self::Browser => "browser".into(),
            Self::Api(label) if label.as_str().is_empty() => "api".into(),
            Self::Api(label) => format!("api ({})", label.as_str()),
            Self::CommandLine => "command line".into(),
            Self::Schedule => "schedule".into(),
        }
    }
}

/// Who does it: a member, proven by a session, a token or the command line of the console's own machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub id: MemberId,
    pub name: String,
    pub role: Role,
    pub via: Via,
    /// Where they come from, as an address; empty on the command line.
    pub address: String,
    /// Number of password changes; a session made before the last one is over.
    pub epoch: i64,
}

impl Actor {
    pub fn may(&self, permission: Permission) -> bool {
        self.role.has(permission)
    }
}

/// A use case that alters something. Permission and audit name stand on it; the compiler demands them.
pub trait Change: Send {
    /// Verb first, as the audit log and the button say it: `start backup`.
    const NAME: &'static str;
    const NEEDS: Permission;
    type Outcome: Send;
    /// What it is done to, for the audit log. Never a secret.
    fn target(&self) -> String;
    /// Why, for the audit log; empty when none was asked for.
    fn reason(&self) -> String {
        String::new()
    }
    fn apply(self, scene: &Scene<'_>) -> impl Future<Output = Result<Self::Outcome>> + Send;
}

/// A use case that only reads. Same permission check, no audit entry.
pub trait Query: Send {
    const NEEDS: Permission;
    type Answer: Send;
    fn answer(self, scene: &Scene<'_>) -> impl Future<Output = Result<Self::Answer>> + Send;
}

/// What a use case may reach. Only [`Console`] makes one.
pub struct Scene<'a> {
    console: &'a Inner,
    pub actor: &'a Actor,
}

impl Scene<'_> {
    pub fn store(&self) -> &Store {
        &self.console.store
    }

    pub fn ports(&self) -> &Ports {
        &self.console.ports
    }

    pub fn seal(&self) -> &Seal {
        &self.console.seal
    }

    pub(crate) fn patience(&self) -> &crate::jobs::Patience {
        &self.console.patience
    }

    pub(crate) fn inner(&self) -> &Inner {
        self.console
    }

    pub(crate) fn drills_waiting(&self) -> &crate::drills::Waiting {
        &self.console.drills_waiting
    }

    pub fn observer(&self) -> &Observer {
        &self.console.observer
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.console.ports.clock.now()
    }

    /// A target by name, as [`crate::targets::open`].
    pub(crate) async fn open_target(&self, name: &domain::target::TargetName) -> Result<Arc<dyn crate::ports::Target>> {
        crate::targets::open(self.console, name).await
    }

    /// What is called so already, see [`crate::jobs::restore_as_new`].
    pub(crate) async fn taken(&self, name: &domain::deployment::DeploymentName) -> Result<Option<String>> {
        crate::jobs::restore_as_new::taken(self.console, name).await
    }

    pub(crate) fn hashing(&self) -> &crate::hashing::Hashing {
        &self.console.hashing
    }

    /// The right to be the one upload of this moment.
    pub(crate) fn uploading(&self) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        self.console.uploading.try_lock().ok()
    }

    /// Tells the runner that a job was queued or asked to stop.
    pub fn wake_runner(&self) {
        self.console.wake.notify_one();
    }

    pub fn common_passwords(&self) -> &'static str {
        crate::members::COMMON_PASSWORDS
    }
}

/// What all parts of the console share. Private: use cases see it through a [`Scene`], the runner through `crate::jobs`.
pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) ports: Ports,
    pub(crate) seal: Seal,
    pub(crate) observer: Observer,
    pub(crate) wake: tokio::sync::Notify,
    /// Marks helpers and volumes as this console's, so that two consoles on one engine leave each other alone.
    pub(crate) instance: String,
    /// Of the deployment's stop and of waiting for Neo4j.
    pub(crate) patience: crate::jobs::Patience,
    /// Held by the one upload at a time: two of the same backup would write into each other, two large ones both count the same room.
    pub(crate) uploading: tokio::sync::Mutex<()>,
    pub(crate) drills_waiting: crate::drills::Waiting,
    pub(crate) begun: crate::jobs::begun::Begun,
    pub(crate) hashing: crate::hashing::Hashing,
    #[cfg(feature = "fault-points")]
    pub(crate) hold_at: std::sync::OnceLock<crate::jobs::fault_point::HoldAt>,
}

impl Inner {
    /// The command line writes the same database.
    async fn forget_each_second(&self) {
        loop {
            self.ports.clock.sleep(std::time::Duration::from_secs(1)).await;
            self.store.forget_kept();
        }
    }
}

/// The console. Cheap to clone.
#[derive(Clone)]
pub struct Console {
    pub(crate) inner: Arc<Inner>,
}

impl Console {
    /// Puts the console together; the store is already migrated. Starts nothing: see [`Console::start_background`].
    pub async fn new(store: Store, seal: Seal, ports: Ports, patience: crate::jobs::Patience) -> Result<Self> {
        let instance = store.instance().await?;
        let observer = Observer::new(ports.clone());
        let inner = Inner {
            store,
            ports,
            seal,
            observer,
            wake: tokio::sync::Notify::new(),
            instance,
            patience,
            uploading: tokio::sync::Mutex::default(),
            drills_waiting: crate::drills::Waiting::default(),
            begun: crate::jobs::begun::Begun::default(),
            hashing: crate::hashing::Hashing::default(),
            #[cfg(feature = "fault-points")]
            hold_at: std::sync::OnceLock::new(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Does a change: audit begin → permission → apply → audit finish. A begun entry without an end is the trace of a crash.
    pub async fn perform<C: Change>(&self, actor: &Actor, change: C) -> Result<C::Outcome> {
        let entry = audit::New { actor, act: C::NAME, target: change.target(), detail: change.reason() };
        if !actor.may(C::NEEDS) {
            audit::record(&self.inner, &entry, Outcome::Denied, C::NEEDS.name()).await?;
            return Err(Error::Denied { needs: C::NEEDS });
        }
        // If this cannot be written, nothing is done.
        let id = audit::begin(&self.inner, &entry).await?;
        let result = change.apply(&Scene { console: &self.inner, actor }).await;
        let (outcome, detail) = match &result {
            Ok(_) => (Outcome::Done, None),
            Err(error) => (Outcome::Failed, Some(error.to_string())),
        };
        audit::finish(&self.inner, id, outcome, detail.as_deref()).await;
        result
    }

    /// Answers a question. A refused one is in the audit log, as a refused change is.
    pub async fn ask<Q: Query>(&self, actor: &Actor, query: Q) -> Result<Q::Answer> {
        if !actor.may(Q::NEEDS) {
            let entry = audit::New { actor, act: "read", target: String::new(), detail: String::new() };
            audit::record(&self.inner, &entry, Outcome::Denied, Q::NEEDS.name()).await?;
            return Err(Error::Denied { needs: Q::NEEDS });
        }
        query.answer(&Scene { console: &self.inner, actor }).await
    }

    /// Starts what runs by itself: the runner of jobs (which first resumes what a crash interrupted), the observer, the
    /// watch over the schedules, upkeep, and notifications, which do not depend on any of them. All end when `stop` is cancelled; a job in mid-step goes on at the next start.
    pub fn start_background(&self, stop: &tokio_util::sync::CancellationToken) -> tokio_util::task::TaskTracker {
        let tasks = tokio_util::task::TaskTracker::new();
        let (inner, reader) = (|| self.inner.clone(), self.inner.clone());
        let until = |work: futures::future::BoxFuture<'static, ()>| {
            let stop = stop.clone();
            tasks.spawn(async move { stop.run_until_cancelled(work).await });
        };
        until(Box::pin(crate::jobs::runner::run_forever(inner())));
        until(Box::pin(async move { reader.forget_each_second().await }));
        until(Box::pin(crate::observe::watch_forever(inner())));
        until(Box::pin(crate::schedules::watch::watch_forever(self.clone())));
        until(Box::pin(crate::upkeep::watch_forever(self.clone())));
        until(Box::pin(crate::notifications::watch_forever(inner())));
        tasks.spawn(crate::notifications::deliver_forever(inner(), stop.clone()));
        tasks.close();
        tasks
    }

    /// Before [`Console::start_background`]: where a job is to wait for its console's end.
    #[cfg(feature = "fault-points")]
    pub fn hold_at(&self, hold_at: crate::jobs::fault_point::HoldAt) {
        self.inner.hold_at.get_or_init(|| hold_at);
    }

    pub fn store(&self) -> &Store {
        &self.inner.store
    }
}
