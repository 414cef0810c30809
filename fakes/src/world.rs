pub(super) use super::containers::{Containers, Fake};
use super::neo4j_container::neo4j_container;
pub(super) use super::stores::{read_store, store_path, write_store};
use domain::container::{Container, RunState};
use domain::helper::HelperCommand;
use domain::probe_result::Ran;
use domain::registry_sign_in::{RegistryHost, RegistrySignIn};
use ports::{EngineError, RegistryError};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

/// What one database of the fake world holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Store {
    pub nodes: u64,
    pub relationships: u64,
    /// Of `system`: user and password.
    pub users: BTreeMap<String, String>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub containers: Containers,
    /// Volume → path from its root → bytes.
    pub volumes: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
    pub volume_labels: BTreeMap<String, BTreeMap<String, String>>,
    pub images: Vec<String>,
    /// What registries have: bytes of an image, or why it cannot be pulled.
    pub registry: BTreeMap<String, Result<u64, EngineError>>,
    /// Registry and repository → its tags, or why it does not tell.
    pub repositories: BTreeMap<String, Result<Vec<String>, RegistryError>>,
    pub tag_questions: usize,
    /// Registries that want a sign-in: which.
    pub closed_registries: BTreeMap<RegistryHost, RegistrySignIn>,
    /// Besides those that containers are in.
    pub networks: BTreeSet<String>,
    /// Calls to the engine so far.
    pub calls: usize,
    /// The call of this number fails.
    pub fail_call: Option<usize>,
    pub panic_call: Option<usize>,
    /// Every call fails with this.
    pub down: Option<EngineError>,
    /// From the call of this number on, so many calls find no engine.
    pub away: Option<(usize, usize)>,
    /// So many questions over Bolt find the user locked.
    pub locked: usize,
    /// What each helper did, and as whom.
    pub helper_users: Vec<(String, String)>,
    /// What a try of the helpers' access prints.
    pub access: String,
    /// No server answers over Bolt.
    pub silent: bool,
    /// A server does not come up on this store: nodes.
    pub broken_store: Option<u64>,
    /// At the call of this number somebody else starts `sales`.
    pub stranger_at: Option<usize>,
    /// They have done so: a helper may now meet a running server.
    pub stranger_came: bool,
    /// Each question over Bolt adds a node to what was asked.
    pub clients_write: bool,
    /// A user database that the server shows as offline.
    pub offline_database: Option<String>,
    /// So many more starts of the server cannot open its database.
    pub failing_opens: u32,
    /// A scratch server cannot open its copy.
    pub unopenable_copy: bool,
    /// Which a scratch server does not have.
    pub gone_procedure: Option<String>,
    /// How probe queries run, by their text: today, and on a copy.
    pub probes: BTreeMap<String, [Result<Ran, String>; 2]>,
    /// Starts of servers so far; each has its own time.
    pub starts: i64,
    /// Code the next stop of a server ends with.
    pub stop_code: i64,
    /// Helpers with this role fail with this output.
    pub failing_helper: Option<(String, i64, String)>,
    /// Every container that was started or stopped, each time.
    pub moved: Vec<String>,
    /// How often a password was tried and refused.
    pub refused: usize,
    /// Bytes free on the disk of the host.
    pub free: u64,
    /// Of another disk, where Docker keeps its own.
    pub free_in_docker: Option<u64>,
    /// Of the host's memory, free and in all, in bytes.
    pub free_memory: u64,
    pub host_memory: u64,
    /// What a try to clone a file prints.
    pub cloning: String,
    /// Settings that a server has in effect whatever its variables say.
    pub settings: BTreeMap<String, String>,
    /// A server with this variable ends right after each start.
    pub bad_variable: Option<BadVariable>,
}

/// What a server that comes down leaves behind.
#[derive(Debug, Clone)]
pub(super) struct BadVariable {
    pub name: String,
    pub value: String,
    pub out_of_memory: bool,
    pub output: String,
}

/// The world the fakes share. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct World(Arc<Mutex<State>>);

impl State {
    /// What measuring prints.
    pub fn measured(&self) -> String {
        let docker = self.free_in_docker.map(|free| format!(" {free} {}", 1u64 << 41)).unwrap_or_default();
        format!("1000 {} {}{docker}", self.free, 1u64 << 40)
    }

    /// The exit code and output of a helper that is to fail.
    pub fn failed(&self, act: &HelperCommand) -> Option<(i64, String)> {
        self.failing_helper
            .as_ref()
            .filter(|(role, _, _)| role == act.role())
            .map(|(_, code, output)| (*code, output.clone()))
    }
}

impl World {
    /// One running server named `sales` with 3 nodes and the user `neo4j`, password `correct horse`.
    pub fn with_sales() -> Self {
        let world = Self::default();
        {
            let mut s = world.lock();
            s.free = 1 << 40;
            (s.free_memory, s.host_memory) = (1 << 40, 16 << 30);
            s.access = "yes".into();
            s.cloning = "no cp: failed to clone '/volume/b' from '/volume/a': Operation not supported".into();
            s.images.push("sha256:neo4j".into());
            s.containers.add(Fake::new(neo4j_container("sales"), None));
        }
        world.write_store("sales-data", "neo4j", &Store { nodes: 3, relationships: 2, users: BTreeMap::new() });
        world.set_password("sales-data", "correct horse");
        world
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("the world")
    }

    pub fn store(&self, volume: &str, database: &str) -> Option<Store> {
        read_store(self.lock().volumes.get(volume)?, database)
    }

    pub fn write_store(&self, volume: &str, database: &str, store: &Store) {
        write_store(self.lock().volumes.entry(volume.into()).or_default(), database, store);
    }

    pub fn set_password(&self, volume: &str, password: &str) {
        let users = [("neo4j".to_string(), password.to_string())].into();
        self.write_store(volume, "system", &Store { nodes: 1, relationships: 0, users });
    }

    pub fn run_state(&self, container: &str) -> Option<RunState> {
        self.lock().containers.get(container).map(|f| f.container.run.clone())
    }

    pub fn change(&self, container: &str, change: impl FnOnce(&mut Container)) {
        change(&mut self.lock().containers.get_mut(container).expect("such a container").container);
    }

    /// A second server with the same mounts, running.
    pub fn add_container_like(&self, like: &str, name: &str) {
        let mut s = self.lock();
        let mut fake = s.containers.get(like).cloned().expect("such a container");
        fake.container.name = name.into();
        s.containers.add(fake);
    }

    pub fn remove_container(&self, name: &str) {
        self.lock().containers.remove(name);
    }

    pub fn remove_image(&self) {
        self.lock().images.clear();
    }

    /// The engine's call of this number, counted from now, fails.
    pub fn fail_call(&self, n: usize) {
        let mut s = self.lock();
        s.fail_call = Some(s.calls + n);
    }

    /// The engine's call of this number, counted from now, panics, as a fault of the console itself would.
    pub fn panic_call(&self, n: usize) {
        let mut s = self.lock();
        s.panic_call = Some(s.calls + n);
    }

    /// From now on clients write between any two questions.
    pub fn let_clients_write(&self) {
        self.lock().clients_write = true;
    }

    /// The next so many starts of the server cannot open its database.
    pub fn fail_opens(&self, starts: u32) {
        self.lock().failing_opens = starts + 1;
    }

    pub fn set_offline_database(&self, name: &str) {
        self.lock().offline_database = Some(name.into());
    }

    /// In every volume that has it.
    pub fn replace_file(&self, path: &str, content: &[u8]) {
        for file in self.lock().volumes.values_mut().filter_map(|files| files.get_mut(path)) {
            *file = content.to_vec();
        }
    }

    /// At the engine's call of this number, counted from now, somebody starts the stopped server `sales`, and clients
    /// write a thousand nodes.
    pub fn start_by_somebody_at_call(&self, n: usize) {
        let mut s = self.lock();
        s.stranger_at = Some(s.calls + n);
    }

    /// False once the call of [`World::start_by_somebody_at_call`] was made.
    pub fn somebody_is_ahead(&self) -> bool {
        let s = self.lock();
        s.stranger_at.is_some_and(|n| s.calls < n)
    }

    /// Whether they found the server stopped, and started it.
    pub fn somebody_started_it(&self) -> bool {
        self.lock().stranger_came
    }

    /// Nodes of every store in the volume, set aside or not.
    pub fn all_nodes(&self, volume: &str) -> Vec<u64> {
        let s = self.lock();
        let files = s.volumes.get(volume).into_iter().flatten();
        let stores = files.filter(|(path, _)| path.ends_with("/databases/neo4j/store"));
        stores.filter_map(|(_, bytes)| serde_json::from_slice::<Store>(bytes).ok()).map(|store| store.nodes).collect()
    }

    /// False once the failure of [`World::fail_call`] has happened.
    pub fn failure_is_ahead(&self) -> bool {
        let s = self.lock();
        s.fail_call.is_some_and(|n| s.calls <= n)
    }

    /// False once the panic of [`World::panic_call`] has happened.
    pub fn panic_is_ahead(&self) -> bool {
        let s = self.lock();
        s.panic_call.is_some_and(|n| s.calls < n)
    }

    pub fn set_down(&self, error: Option<EngineError>) {
        self.lock().down = error;
    }

    /// From the engine's call of this number on, counted from now, it does not answer so many calls.
    pub fn take_away_at_call(&self, n: usize, calls: usize) {
        let mut s = self.lock();
        s.away = Some((s.calls + n, calls));
    }

    /// False once the last call that finds no engine was made.
    pub fn absence_is_ahead(&self) -> bool {
        let s = self.lock();
        s.away.is_some_and(|(from, _)| s.calls < from)
    }

    /// Another program has tried wrong passwords: so many questions are refused.
    pub fn lock_user(&self, questions: usize) {
        self.lock().locked = questions;
    }

    /// Whatever the variables of a server say, it tells this value.
    pub fn set_setting(&self, name: &str, value: &str) {
        self.lock().settings.insert(name.into(), value.into());
    }

    /// A server with this variable does not come up, and prints this.
    pub fn break_with_variable(&self, name: &str, value: &str, out_of_memory: bool, output: &str) {
        let (name, value, output) = (name.into(), value.into(), output.into());
        self.lock().bad_variable = Some(BadVariable { name, value, out_of_memory, output });
    }

    /// A container as the engine has it, by name.
    pub fn container(&self, name: &str) -> Option<Container> {
        self.lock().containers.get(name).map(|fake| fake.container.clone())
    }

    /// Names of all servers, running or not.
    pub fn servers(&self) -> Vec<String> {
        self.lock().containers.values().filter(|f| f.act.is_none()).map(|f| f.container.name.clone()).collect()
    }

    /// Of each helper so far: what it does, and as whom.
    pub fn helper_users(&self) -> Vec<(String, String)> {
        self.lock().helper_users.clone()
    }

    pub fn set_access(&self, prints: &str) {
        self.lock().access = prints.into();
    }

    pub fn set_silent(&self, silent: bool) {
        self.lock().silent = silent;
    }

    /// Neo4j ends right after each start on a store with so many nodes.
    pub fn break_store_of(&self, nodes: u64) {
        self.lock().broken_store = Some(nodes);
    }

    pub fn set_stop_code(&self, code: i64) {
        self.lock().stop_code = code;
    }

    pub fn set_free(&self, bytes: u64) {
        self.lock().free = bytes;
    }

    pub fn set_free_memory(&self, bytes: u64) {
        self.lock().free_memory = bytes;
    }

    /// The data volumes are on XFS or btrfs.
    pub fn let_clone(&self) {
        self.lock().cloning = "yes".into();
    }

    pub fn fail_helper(&self, role: &str, output: &str) {
        self.end_helper(role, 1, output);
    }

    /// With this exit code, as a scratch server may, too.
    pub fn end_helper(&self, role: &str, code: i64, output: &str) {
        self.lock().failing_helper = Some((role.into(), code, output.into()));
    }

    /// The data has a disk of its own; this is free on Docker's.
    pub fn set_free_in_docker(&self, free: u64) {
        self.lock().free_in_docker = Some(free);
    }

    /// How often the engine was asked for something.
    pub fn calls(&self) -> usize {
        self.lock().calls
    }

    pub fn refused_sign_ins(&self) -> usize {
        self.lock().refused
    }

    /// Helpers and volumes of ours that are still there.
    pub fn leftovers(&self) -> Vec<String> {
        let s = self.lock();
        let helpers = s.containers.iter().filter(|(_, f)| f.act.is_some()).map(|(n, _)| n.clone());
        helpers.chain(s.volume_labels.keys().cloned()).collect()
    }

    /// The second half of this file is lost, in every volume that has it.
    pub fn cut_short(&self, path: &str) {
        for file in self.lock().volumes.values_mut().filter_map(|files| files.get_mut(path)) {
            file.truncate(file.len() / 2);
        }
    }

    /// As if a person had removed this directory of the volume.
    pub fn remove_directory(&self, volume: &str, directory: &str) {
        let prefix = format!("{directory}/");
        self.lock().volumes.entry(volume.into()).or_default().retain(|path, _| !path.starts_with(&prefix));
    }

    /// How often a container was started or stopped.
    pub fn times_moved(&self, container: &str) -> usize {
        self.lock().moved.iter().filter(|one| *one == container).count()
    }

    /// A volume of somebody else.
    pub fn add_volume(&self, name: &str) {
        self.lock().volumes.entry(name.into()).or_default();
    }

    /// Paths of the volume, for looking at what was set aside.
    pub fn paths(&self, volume: &str) -> Vec<String> {
        self.lock().volumes.get(volume).map(|v| v.keys().cloned().collect()).unwrap_or_default()
    }
}
