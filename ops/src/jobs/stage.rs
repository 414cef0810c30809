//! The stage of the job tests: an adopted server in the fake world, and what must hold after any job.

use crate::background::scheduler::StartPrune;
use crate::jobs::runner;
use crate::testing::{TestConsole, actor};
use crate::use_cases::backups::{StartBackup, VerifyBackup};
use crate::use_cases::changes::{Consent, Rehearse, StartChange, StartRehearsal, Wanted};
use crate::use_cases::deployments::{AdoptDeployment, CreateDeployment, DeleteDeployment, OperateDeployment};
use crate::use_cases::drills::StartDrill;
use crate::use_cases::jobs::GetJob;
use crate::use_cases::restores::{RemoveSetAside, RestoreAsNew, StartRestore, UndoRestore};
use crate::use_cases::schedules::{AddSchedule, RunScheduleNow};
use crate::use_cases::uploads::UploadBackup;
use bytes::Bytes;
use chrono::TimeDelta;
use domain::backup::BackupId;
use domain::change::{ImageWanted, MemoryWanted};
use domain::container::RestartPolicy;
use domain::deployment::DeploymentName;
use domain::environment::Environment;
use domain::host::HostId;
use domain::image::ImageReference;
use domain::job::Kind;
use domain::job::Operation;
use domain::job::{JobId, JobView, State};
use domain::member::Role;
use domain::new_deployment::Request;
use domain::schedule::ScheduleName;
use domain::text::Reason;
use fakes::{FakeStore, MemoryTarget, World, dump_bytes};
use futures::StreamExt;
use ports::Clock;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const FOREVER: usize = 200;

pub(crate) struct Stage {
    pub test: TestConsole,
    pub directory: tempfile::TempDir,
    pub target: Arc<MemoryTarget>,
    pub backup: Option<BackupId>,
    /// How often the server had been started or stopped when the stage was set.
    moved: usize,
}

/// Of a new deployment; not on the engine yet.
const NEW_IMAGE: &str = "neo4j:5.26.24";

pub(crate) fn sales() -> DeploymentName {
    DeploymentName::parse("sales").expect("a name")
}

/// What a restore as a new deployment makes.
pub(crate) fn copy() -> DeploymentName {
    DeploymentName::parse("copy").expect("a name")
}

pub(crate) fn graph(nodes: u64) -> FakeStore {
    FakeStore { nodes, relationships: nodes - 1, users: BTreeMap::new() }
}

/// Of a bare dump of this store.
pub(crate) fn upload(store: &FakeStore) -> UploadBackup {
    let dump = dump_bytes(&serde_json::to_vec(store).expect("json"));
    UploadBackup { deployment: Some(sales()), content: futures::stream::iter([Ok(Bytes::from(dump))]).boxed() }
}

impl Stage {
    /// An adopted server with three nodes.
    pub async fn new() -> Self {
        // Thousands of synced marks: in memory where the machine has a file system there.
        let memory = std::path::Path::new("/dev/shm");
        let directory = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let (directory, target) = (directory.expect("a directory"), Arc::new(MemoryTarget::default()));
        let test = TestConsole::open(directory.path(), World::with_sales(), target.clone()).await.expect("a console");
        let adopt = AdoptDeployment {
            host: domain::host::HostId::local(),
            container: "sales".into(),
            user: "neo4j".into(),
            password: "correct horse".into(),
            name: None,
            environment: Environment::default(),
        };
        test.console.perform(&actor(Role::Admin), adopt).await.expect("adopted");
        Self { test, directory, target, backup: None, moved: 0 }
    }

    /// As [`Stage::new`], with a backup of three nodes, and nine nodes since.
    pub async fn with_backup() -> Self {
        let mut stage = Self::new().await;
        let job = stage.queue(Kind::Backup).await;
        assert_eq!(stage.finish(job).await.brief.state, State::Succeeded);
        stage.backup = stage.view(job).await.result.and_then(|r| r.backup);
        stage.test.world.write_store("sales-data", "neo4j", &graph(9));
        stage.moved = stage.test.world.times_moved("sales");
        stage
    }

    /// Two backups of a schedule that keeps seven days, one of them ten days older than the other.
    pub async fn with_old_backup() -> Self {
        let mut stage = Self::new().await;
        let [schedule, ..] = domain::schedule::plan(&sales(), "Europe/Berlin", &[]);
        stage.test.console.perform(&actor(Role::Lead), AddSchedule { schedule }).await.expect("a schedule");
        for days in [0, 10] {
            stage.test.clock.forward(TimeDelta::days(days));
            stage.backup = Some(stage.scheduled_backup().await);
        }
        stage
    }

    /// A backup of the schedule `daily`.
    pub async fn scheduled_backup(&self) -> BackupId {
        let run = RunScheduleNow { deployment: sales(), schedule: ScheduleName::parse("daily").expect("a name") };
        let job = self.test.console.perform(&actor(Role::Operator), run).await.expect("queued");
        self.finish(job).await.result.and_then(|r| r.backup).expect("a backup")
    }

    pub async fn for_kind(kind: Kind) -> Self {
        let mut stage = match kind {
            Kind::Restore
            | Kind::RestoreAsNew
            | Kind::UndoRestore
            | Kind::RemoveSetAside
            | Kind::Verify
            | Kind::Drill
            | Kind::Rehearsal
            | Kind::DeleteDeployment => Self::with_backup().await,
            Kind::Prune => Self::with_old_backup().await,
            Kind::Backup
            | Kind::ProveDump
            | Kind::Start
            | Kind::Stop
            | Kind::Restart
            | Kind::Change
            | Kind::CreateDeployment => Self::new().await,
        };
        if matches!(kind, Kind::UndoRestore | Kind::RemoveSetAside) {
            let job = stage.queue(Kind::Restore).await;
            assert_eq!(stage.finish(job).await.brief.state, State::Succeeded);
            stage.moved = stage.test.world.times_moved("sales");
        }
        stage
    }

    /// As [`Stage::for_kind`], on a volume that can clone files, or cannot.
    pub async fn for_case(kind: Kind, cloning: bool) -> Self {
        let stage = Self::for_kind(kind).await;
        if cloning {
            stage.test.world.let_clone();
        }
        stage
    }

    pub async fn queue(&self, kind: Kind) -> JobId {
        let (console, who) = (&self.test.console, actor(Role::Admin));
        let (deployment, reason) = (sales(), Reason::optional("a test").expect("a reason"));
        let operate = |operation| OperateDeployment { deployment: sales(), operation, reason: Reason::default() };
        match kind {
            Kind::Backup => {
                console
                    .perform(&who, StartBackup { deployment, reason, targets: vec![], kind: Default::default() })
                    .await
            }
            Kind::Restore => {
                let backup = self.backup.clone().expect("a backup");
                console
                    .perform(
                        &who,
                        StartRestore {
                            deployment,
                            backup,
                            confirm: "sales".into(),
                            reason,
                            include_users: true,
                            identity: None,
                        },
                    )
                    .await
            }
            Kind::RestoreAsNew => {
                let backup = self.backup.clone().expect("a backup");
                console
                    .perform(
                        &who,
                        RestoreAsNew { deployment, backup, name: copy(), reason, include_users: false, identity: None },
                    )
                    .await
            }
            Kind::UndoRestore => {
                let restore = self.test.console.state.store.set_aside_jobs(&deployment).await.expect("jobs")[0];
                console.perform(&who, UndoRestore { deployment, restore, confirm: "sales".into(), reason }).await
            }
            Kind::RemoveSetAside => {
                let restore = self.test.console.state.store.set_aside_jobs(&deployment).await.expect("jobs")[0];
                console.perform(&who, RemoveSetAside { deployment, restore, confirm: "sales".into() }).await
            }
            Kind::Verify => {
                console.perform(&who, VerifyBackup { backup: self.backup.clone().expect("a backup") }).await
            }
            Kind::Drill => console.perform(&who, StartDrill { deployment, backup: self.backup.clone() }).await,
            Kind::Prune => console.perform(&who, StartPrune { deployment }).await,
            Kind::ProveDump => {
                console.perform(&who, upload(&graph(5))).await.map(|uploaded| uploaded.job.expect("a job"))
            }
            Kind::Rehearsal => {
                self.test.world.publish("neo4j:5.26.24", 1 << 20);
                let reference = ImageReference::parse("neo4j:5.26.24").expect("an image");
                let rehearse = Rehearse::Image(ImageWanted { reference, accepts_licence: false });
                console.perform(&who, StartRehearsal { deployment, rehearse }).await.map(|(_, job)| job)
            }
            Kind::CreateDeployment => {
                let wanted = Request { name: "copy", image: NEW_IMAGE, limit: "1g", ..Request::default() };
                self.test.world.publish(NEW_IMAGE, 1 << 20);
                let (host, wanted) = (HostId::local(), wanted.parse().expect("a deployment"));
                let password = "another horse".into();
                console.perform(&who, CreateDeployment { host, wanted, password, reason }).await
            }
            Kind::DeleteDeployment => {
                let delete = DeleteDeployment { deployment, with_data: true, confirm: "sales".into(), reason };
                console.perform(&who, delete).await
            }
            Kind::Start => console.perform(&who, operate(Operation::Start)).await,
            Kind::Stop => console.perform(&who, operate(Operation::Stop)).await,
            Kind::Restart => console.perform(&who, operate(Operation::Restart)).await,
            Kind::Change => {
                let wanted = MemoryWanted::parse("600m", "1g", "4g", "", None).expect("sizes");
                let start =
                    StartChange { deployment, wanted: Wanted::Memory(wanted), reason, consent: Consent::default() };
                console.perform(&who, start).await.map(|(_, job)| job)
            }
        }
        .expect("queued")
    }

    pub async fn view(&self, job: JobId) -> JobView {
        self.test.console.ask(&actor(Role::Viewer), GetJob { job }).await.expect("a job")
    }

    pub async fn finish(&self, job: JobId) -> JobView {
        assert!(!self.test.drive(job, FOREVER).await.expect("the store works"), "the job never ends");
        // Twice: the first sweep may meet the call that a test lets fail.
        runner::sweep(&self.test.console.state).await;
        runner::sweep(&self.test.console.state).await;
        self.view(job).await
    }

    /// The console dies and starts again on the same directory.
    pub async fn restart(&mut self) {
        let now = self.test.clock.now();
        self.test = TestConsole::open(self.directory.path(), self.test.world.clone(), self.target.clone())
            .await
            .expect("a console");
        self.test.clock.set(now);
    }

    /// The console dies so often in the next step, then goes on; with no death it is only started again between steps.
    pub async fn finish_after_deaths(&mut self, job: JobId, deaths: usize) -> JobView {
        if deaths == 0 {
            self.restart().await;
        }
        for _ in 0..deaths {
            self.die_in_step(job).await;
        }
        self.finish(job).await
    }

    /// Dead after the next step acted, before its mark: the step is repeated.
    pub async fn die_in_step(&mut self, job: JobId) {
        self.test.drive(job, 1).await.expect("the store works");
        self.test.console.state.store.forget_last_mark(job).await.expect("forgotten");
        self.restart().await;
    }

    pub fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.test.clock.now()
    }

    pub fn nodes(&self) -> u64 {
        self.test.world.store("sales-data", "neo4j").map_or(0, |s| s.nodes)
    }

    /// It is there whole, or not at all; the other was never started or stopped.
    fn new_server_is_sound(&self, state: State, leftovers: &mut Vec<String>, what: &str) {
        let world = &self.test.world;
        assert_eq!(world.times_moved("sales"), self.moved, "{what}: the server beside it was stopped or started");
        let runs = world.run_state("copy").map(|run| run.is_running());
        let nodes = world.store("copy-data", "neo4j").map(|s| s.nodes);
        let volumes = leftovers.iter().filter(|name| *name == "copy-data").count();
        leftovers.retain(|name| name != "copy-data");
        if state == State::Succeeded {
            assert_eq!((runs, nodes, volumes), (Some(true), Some(3), 1), "{what}");
        } else {
            assert_eq!(
                (runs, nodes, volumes),
                (None, None, 0),
                "{what}: something of the new server is left after {state:?}"
            );
        }
    }

    /// It is there whole and known, or not at all and forgotten.
    async fn creation_is_sound(&self, state: State, leftovers: &mut Vec<String>, what: &str) {
        let world = &self.test.world;
        assert_eq!(world.times_moved("sales"), self.moved, "{what}: another server was stopped or started");
        let known = self.test.console.state.store.deployments().await.expect("read");
        let known = known.iter().any(|row| row.name == copy());
        let runs = world.run_state("copy").map(|run| run.is_running());
        let volumes = leftovers.iter().filter(|name| ["copy-data", "copy-logs"].contains(&name.as_str())).count();
        leftovers.retain(|name| !["copy-data", "copy-logs"].contains(&name.as_str()));
        let expected = if state == State::Succeeded { (true, Some(true), 2) } else { (false, None, 0) };
        assert_eq!((known, runs, volumes), expected, "{what}: after {state:?}");
    }

    /// Of a deployment that was deleted with its data.
    async fn nothing_is_left(&self, what: &str) {
        assert_eq!(self.test.world.run_state("sales"), None, "{what}: the container is there");
        assert_eq!(self.test.world.leftovers(), Vec::<String>::new(), "{what}: left behind");
        assert!(self.test.world.store("sales-data", "neo4j").is_none(), "{what}: the data is there");
        assert!(self.test.console.state.store.deployments().await.expect("read").is_empty(), "{what}: it is known");
    }

    /// One container, as planned or as before.
    fn change_is_sound(&self, state: State, what: &str) {
        assert_eq!(self.test.world.servers(), ["sales"], "{what}: after {state:?}");
        let now = self.test.world.container("sales").expect("a container");
        let changed = now.env_value("NEO4J_server_memory_heap_max__size").is_some();
        assert_eq!(
            (changed, now.memory_limit.is_some()),
            (state == State::Succeeded, state == State::Succeeded),
            "{what}"
        );
        assert_eq!(now.restart, RestartPolicy::Always, "{what}: after {state:?}");
    }

    /// What must hold after a job however it ended.
    pub async fn is_sound(&self, kind: Kind, state: State, before: u64, what: &str) {
        if kind == Kind::DeleteDeployment && state == State::Succeeded {
            return self.nothing_is_left(what).await;
        }
        let running = self.test.world.run_state("sales").is_some_and(|r| r.is_running());
        assert!(
            running || (kind == Kind::Stop && state == State::Succeeded),
            "{what}: Neo4j does not run after {state:?}"
        );
        let expected = match (kind, state) {
            (Kind::Restore, State::Succeeded) => 3,
            (Kind::UndoRestore, State::Succeeded) => 9,
            _ => before,
        };
        assert_eq!(self.nodes(), expected, "{what}: wrong data after {state:?}");
        let mut leftovers = self.test.world.leftovers();
        if kind == Kind::CreateDeployment {
            self.creation_is_sound(state, &mut leftovers, what).await;
        }
        if kind == Kind::RestoreAsNew {
            self.new_server_is_sound(state, &mut leftovers, what);
        }
        leftovers.extend(
            self.test.world.paths("sales-data").into_iter().filter(|path| path.starts_with("/.neo4j-console/clone")),
        );
        assert!(leftovers.is_empty(), "{what}: left behind after {state:?}: {leftovers:?}");
        if matches!(kind, Kind::Verify | Kind::Drill | Kind::Rehearsal | Kind::RemoveSetAside) {
            assert_eq!(self.test.world.times_moved("sales"), self.moved, "{what}: the server was stopped or started");
        }
        if kind == Kind::RemoveSetAside && state == State::Succeeded {
            let aside: Vec<String> = self
                .test
                .world
                .paths("sales-data")
                .into_iter()
                .filter(|path| path.starts_with("/.neo4j-console"))
                .collect();
            assert!(aside.is_empty(), "{what}: still set aside: {aside:?}");
        }
        if kind == Kind::Change {
            self.change_is_sound(state, what);
        }
        if kind == Kind::Prune {
            let newest = self.backup.clone().expect("a backup").to_string();
            let bundles: BTreeSet<String> =
                self.target.names().iter().filter_map(|n| Some(n.split('/').next()?.to_string())).collect();
            assert!(bundles.contains(&newest), "{what}: the newest backup is gone after {state:?}");
            assert!(state != State::Succeeded || bundles.len() == 1, "{what}: old backups are left: {bundles:?}");
        }
        if kind == Kind::Backup && state != State::Succeeded {
            assert!(self.target.names().is_empty(), "{what}: half a bundle is left: {:?}", self.target.names());
        }
    }
}
