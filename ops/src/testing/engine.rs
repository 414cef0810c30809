use super::graph::answer;
use super::world::{Fake, State, World, dump_bytes, neo4j_container, read_store, store_path, undump};
use crate::ports::{Bytestream, ContainerEngine, EngineError, ExecResult, FileFacts, HelperSpec, Leftover, ServerSpec};
use async_trait::async_trait;
use bytes::Bytes;
use domain::container::{Container, ContainerId, ImageId, Mount, MountSource, RunState, VolumeName};
use domain::helper::{Act, FREE_MEMORY, MEASURE, VOLUME};
use futures::StreamExt;
use std::collections::BTreeMap;
use std::sync::MutexGuard;
use std::time::Duration;

/// From the volume's root.
const ASIDE: &str = "/.neo4j-console";

type Result<T> = std::result::Result<T, EngineError>;

/// An engine that keeps containers and volumes in memory and does what helpers would do.
pub struct FakeEngine(pub World);

impl FakeEngine {
    /// Every call passes here: it can be made to fail before or, for half of them, after it has acted.
    fn enter(&self) -> Result<MutexGuard<'_, State>> {
        let mut s = self.0.lock();
        s.calls += 1;
        if let Some(error) = &s.down {
            return Err(error.clone());
        }
        if s.fail_call == Some(s.calls) {
            return Err(EngineError::Failed("the test wanted it".into()));
        }
        Ok(s)
    }
}

fn no_container(id: &ContainerId) -> EngineError {
    EngineError::NotFound(format!("No such container: {id}"))
}

fn volume_of(container: &Container, at: &str) -> Option<String> {
    match &container.mount_at(at)?.source {
        MountSource::Volume(v) => Some(v.0.clone()),
        _ => None,
    }
}

/// The volume a path lies in, and the path from its root.
fn locate(container: &Container, path: &str) -> Result<(String, String)> {
    let mount = container.mounts.iter().find(|m| path.starts_with(&m.at)).ok_or_else(|| EngineError::NotFound(format!("Could not find the file {path}")))?;
    Ok((mount.source_name().into(), path[mount.at.len()..].into()))
}

/// Does what the helper's script would do; the code it ends with and its output.
fn carry_out(s: &mut State, container: &Container, act: &Act) -> (i64, String) {
    if let Some((role, output)) = &s.failing_helper
        && role == act.role()
    {
        return (1, output.clone());
    }
    let data = volume_of(container, "/data").unwrap_or_default();
    let volume = volume_of(container, VOLUME).unwrap_or_default();
    let staging = volume_of(container, "/staging").unwrap_or_default();
    match act {
        Act::FreeMemory => return (0, s.free_memory.to_string()),
        Act::Remove { databases } => {
            let volume = s.volumes.entry(data).or_default();
            for db in databases {
                volume.retain(|path, _| !path.starts_with(&format!("/databases/{db}/")) && !path.starts_with(&format!("/transactions/{db}/")));
            }
        }
        Act::Measure => return (0, format!("1000 {} {}", s.free, 1u64 << 40)),
        Act::Dump { databases } => return dump(s, (&data, ""), &staging, databases),
        Act::TestClone { .. } => return (0, s.cloning.clone()),
        Act::Clone { clone } => return clone_stores(s, &volume, clone),
        Act::DumpClone { clone, databases } => return dump(s, (&volume, &format!("{ASIDE}/{clone}")), &staging, databases),
        Act::RemoveClone { clone } => {
            let prefix = format!("{ASIDE}/{clone}");
            s.volumes.entry(volume).or_default().retain(|path, _| !path.starts_with(&prefix));
        }
        Act::Load { databases } => {
            for db in databases {
                let dump = s.volumes.get(&staging).and_then(|v| v.get(&format!("/dumps/{db}.dump"))).cloned();
                let Some(store) = dump.and_then(|d| undump(&d)) else { return (1, format!("Not a valid Neo4j archive: {db}.dump")) };
                let volume = s.volumes.entry(data.clone()).or_default();
                volume.insert(store_path(db), store);
                volume.insert(format!("/transactions/{db}/log"), vec![0]);
            }
        }
        Act::Check { databases } if databases.iter().any(|db| s.volumes.get(&data).and_then(|v| read_store(v, db)).is_none()) => {
            return (1, "inconsistent".into());
        }
        Act::SetAside { aside, databases, .. } => rename(s, &data, databases, "", &format!("{ASIDE}/{aside}")),
        Act::PutBack { aside, databases } => rename(s, &data, databases, &format!("{ASIDE}/{aside}"), ""),
        Act::LookAside { aside, databases } => return (0, look_aside(s, &data, aside, databases)),
        Act::BringBack { aside, databases } => return bring_back(s, &data, aside, databases),
        Act::RemoveAside { aside } => {
            let prefix = format!("/.neo4j-console/{aside}/");
            s.volumes.entry(data).or_default().retain(|path, _| !path.starts_with(&prefix));
        }
        Act::Hold | Act::Check { .. } | Act::Serve => {}
    }
    (0, String::new())
}

/// From the stores below `from` of a volume.
fn dump(s: &mut State, (volume, from): (&str, &str), staging: &str, databases: &[String]) -> (i64, String) {
    for db in databases {
        let Some(store) = s.volumes.get(volume).and_then(|v| v.get(&format!("{from}{}", store_path(db)))).cloned() else {
            return (1, format!("Database does not exist: {db}"));
        };
        s.volumes.entry(staging.into()).or_default().insert(format!("/dumps/{db}.dump"), dump_bytes(&store));
    }
    (0, String::new())
}

fn clone_stores(s: &mut State, volume: &str, clone: &str) -> (i64, String) {
    let running = |f: &Fake| f.act.is_none() && f.container.run.is_running() && volume_of(&f.container, "/data").as_deref() == Some(volume);
    assert!(!s.containers.values().any(running), "a store is cloned while its server runs");
    let files = s.volumes.entry(volume.into()).or_default();
    let stores: Vec<_> = files.iter().filter(|(path, _)| path.starts_with("/databases/") || path.starts_with("/transactions/")).collect();
    let cloned: Vec<_> = stores.into_iter().map(|(path, content)| (format!("{ASIDE}/{clone}{path}"), content.clone())).collect();
    files.extend(cloned);
    (0, String::new())
}

fn rename(s: &mut State, volume: &str, databases: &[String], from: &str, to: &str) {
    let files = s.volumes.entry(volume.into()).or_default();
    for db in databases {
        for kind in ["databases", "transactions"] {
            let (old, new) = (format!("{from}/{kind}/{db}/"), format!("{to}/{kind}/{db}/"));
            let setting_aside = from.is_empty();
            let moving: Vec<String> = files.keys().filter(|p| p.starts_with(&old)).cloned().collect();
            if moving.is_empty() || (setting_aside && files.keys().any(|p| p.starts_with(&new))) {
                continue;
            }
            files.retain(|p, _| !p.starts_with(&new));
            for path in moving {
                let content = files.remove(&path).unwrap_or_default();
                files.insert(path.replacen(&old, &new, 1), content);
            }
        }
    }
}

/// Whether a directory of this volume has anything in it.
fn holds(s: &State, volume: &str, directory: &str) -> bool {
    s.volumes.get(volume).is_some_and(|files| files.keys().any(|path| path.starts_with(&format!("{directory}/"))))
}

fn directories(databases: &[String]) -> Vec<String> {
    databases.iter().flat_map(|db| ["databases", "transactions"].map(|kind| format!("{kind}/{db}"))).collect()
}

fn look_aside(s: &State, volume: &str, aside: &str, databases: &[String]) -> String {
    let missing = directories(databases).into_iter().filter(|d| !holds(s, volume, &format!("{ASIDE}/{aside}/{d}")));
    missing.map(|d| format!("missing {d}\n")).chain(["bytes 1000\n".to_string()]).collect()
}

fn bring_back(s: &mut State, volume: &str, aside: &str, databases: &[String]) -> (i64, String) {
    for directory in directories(databases) {
        let (set_aside, in_place) = (holds(s, volume, &format!("{ASIDE}/{aside}/{directory}")), holds(s, volume, &format!("/{directory}")));
        if set_aside == in_place {
            return (1, format!("{directory} is {}", if in_place { "in its place" } else { "lost" }));
        }
    }
    rename(s, volume, databases, &format!("{ASIDE}/{aside}"), "");
    (0, String::new())
}

#[async_trait]
impl ContainerEngine for FakeEngine {
    async fn ping(&self) -> Result<String> {
        self.enter().map(|_| "fake".into())
    }

    async fn neo4j_containers(&self) -> Result<Vec<Container>> {
        Ok(self.enter()?.containers.values().filter(|f| f.act.is_none()).map(|f| f.container.clone()).collect())
    }

    async fn inspect(&self, id: &ContainerId) -> Result<Container> {
        self.enter()?.containers.get(id.as_str()).map(|f| f.container.clone()).ok_or_else(|| no_container(id))
    }

    async fn image_exists(&self, id: &ImageId) -> Result<bool> {
        Ok(self.enter()?.images.contains(&id.0))
    }

    async fn start(&self, id: &ContainerId) -> Result<()> {
        let mut s = self.enter()?;
        let fake = s.containers.get(id.as_str()).cloned().ok_or_else(|| no_container(id))?;
        s.moved.push(id.0.clone());
        let data = volume_of(&fake.container, "/data");
        // Two processes must never meet on one store: the world itself watches.
        let clash = s
            .containers
            .values()
            .any(|o| o.container.name != id.0 && o.container.run.is_running() && data.is_some() && volume_of(&o.container, "/data") == data);
        let touches = !matches!(fake.act, Some(Act::Measure | Act::Hold | Act::RemoveAside { .. } | Act::LookAside { .. }));
        assert!(!(clash && touches), "two containers on one data volume: {id}");
        let (run, output) = match &fake.act {
            None | Some(Act::Serve) => (RunState::Running, "INFO  Started.".into()),
            Some(act) => {
                let (exit_code, output) = carry_out(&mut s, &fake.container, act);
                (RunState::Stopped { exit_code, out_of_memory: false }, output)
            }
        };
        let fake = s.containers.get_mut(id.as_str()).ok_or_else(|| no_container(id))?;
        (fake.container.run, fake.output) = (run, output);
        super::server::began(&mut s, id.as_str());
        Ok(())
    }

    async fn stop(&self, id: &ContainerId, _timeout: Duration) -> Result<()> {
        let mut s = self.enter()?;
        let exit_code = s.stop_code;
        s.moved.push(id.0.clone());
        let fake = s.containers.get_mut(id.as_str()).ok_or_else(|| no_container(id))?;
        if fake.container.run.is_running() {
            fake.container.run = RunState::Stopped { exit_code, out_of_memory: false };
        }
        Ok(())
    }

    async fn exec(&self, id: &ContainerId, command: &[&str], _limit: Duration) -> Result<ExecResult> {
        let s = self.enter()?;
        let fake = s.containers.get(id.as_str()).filter(|f| f.container.run.is_running()).ok_or_else(|| no_container(id))?;
        if command[0] == "wget" {
            return Ok(ExecResult { exit_code: 0, output: http(&s, &fake.container, command) });
        }
        let script = command.last().copied().unwrap_or_default();
        let output = match script {
            MEASURE => format!("1000 {} {}", s.free, 1u64 << 40),
            FREE_MEMORY => s.free_memory.to_string(),
            _ => String::new(),
        };
        Ok(ExecResult { exit_code: 0, output })
    }

    async fn read_file(&self, id: &ContainerId, path: &str) -> Result<(FileFacts, Bytestream)> {
        let s = self.enter()?;
        let fake = s.containers.get(id.as_str()).ok_or_else(|| no_container(id))?;
        let (volume, rest) = locate(&fake.container, path)?;
        let bytes =
            s.volumes.get(&volume).and_then(|v| v.get(&rest)).cloned().ok_or_else(|| EngineError::NotFound(format!("Could not find the file {path}")))?;
        Ok((FileFacts { bytes: bytes.len() as u64 }, futures::stream::once(async move { Ok(Bytes::from(bytes)) }).boxed()))
    }

    async fn write_file(&self, id: &ContainerId, path: &str, bytes: u64, mut content: Bytestream) -> Result<()> {
        let mut all = Vec::new();
        while let Some(piece) = content.next().await {
            all.extend_from_slice(&piece.map_err(|e| EngineError::Failed(e.to_string()))?);
        }
        let mut s = self.enter()?;
        let fake = s.containers.get(id.as_str()).ok_or_else(|| no_container(id))?;
        let (volume, rest) = locate(&fake.container, path)?;
        if all.len() as u64 != bytes {
            return Err(EngineError::Failed(format!("{} instead of {bytes} bytes", all.len())));
        }
        s.volumes.entry(volume).or_default().insert(rest, all);
        Ok(())
    }

    async fn make_directory(&self, id: &ContainerId, path: &str) -> Result<()> {
        let s = self.enter()?;
        let fake = s.containers.get(id.as_str()).ok_or_else(|| no_container(id))?;
        locate(&fake.container, path).map(|_| ())
    }

    async fn create_helper(&self, spec: &HelperSpec) -> Result<ContainerId> {
        let mut s = self.enter()?;
        if !s.images.contains(&spec.image.0) {
            return Err(EngineError::NotFound(format!("No such image: {}", spec.image)));
        }
        for mount in &spec.mounts {
            s.volumes.entry(mount.source.clone()).or_default();
        }
        let mounts =
            spec.mounts.iter().map(|m| Mount { source: MountSource::Volume(VolumeName(m.source.clone())), at: m.at.clone(), writable: m.writable }).collect();
        let container = Container {
            run: RunState::Created,
            labels: spec.labels.clone(),
            mounts,
            image_id: spec.image.clone(),
            ports: vec![],
            ..neo4j_container(&spec.name)
        };
        s.containers.insert(spec.name.clone(), Fake { container, act: Some(spec.act.clone()), output: String::new() });
        Ok(ContainerId(spec.name.clone()))
    }

    async fn create_server(&self, spec: &ServerSpec) -> Result<ContainerId> {
        super::server::create(&mut *self.enter()?, spec)
    }

    async fn remove_server(&self, name: &str) -> Result<()> {
        super::server::remove(&mut *self.enter()?, name)
    }

    async fn inspect_volume(&self, name: &VolumeName) -> Result<Leftover> {
        let s = self.enter()?;
        let labels = s.volume_labels.get(name.as_str()).cloned().unwrap_or_default();
        let there = s.volumes.contains_key(name.as_str()) || s.volume_labels.contains_key(name.as_str());
        there.then(|| Leftover { name: name.0.clone(), labels }).ok_or_else(|| EngineError::NotFound(format!("no such volume: {name}")))
    }

    async fn wait(&self, id: &ContainerId, _limit: Duration) -> Result<i64> {
        match self.enter()?.containers.get(id.as_str()).map(|f| f.container.run.clone()) {
            Some(RunState::Stopped { exit_code, .. }) => Ok(exit_code),
            Some(_) => Err(EngineError::Failed("it still runs".into())),
            None => Err(no_container(id)),
        }
    }

    async fn logs(&self, id: &ContainerId, _lines: usize) -> Result<String> {
        self.enter()?.containers.get(id.as_str()).map(|f| f.output.clone()).ok_or_else(|| no_container(id))
    }

    async fn remove_helper(&self, name: &str) -> Result<()> {
        let mut s = self.enter()?;
        assert!(s.containers.get(name).is_none_or(|f| f.act.is_some()), "only helpers are removed");
        s.containers.remove(name);
        Ok(())
    }

    async fn create_volume(&self, name: &VolumeName, labels: &BTreeMap<String, String>) -> Result<()> {
        let mut s = self.enter()?;
        match (s.volumes.contains_key(name.as_str()), s.volume_labels.contains_key(name.as_str())) {
            (_, true) => {}
            (true, false) => return Err(EngineError::Conflict(format!("The volume {name} was not made by this console, so it is not used."))),
            (false, false) => {
                s.volumes.insert(name.0.clone(), BTreeMap::new());
                s.volume_labels.insert(name.0.clone(), labels.clone());
            }
        }
        Ok(())
    }

    async fn remove_volume(&self, name: &VolumeName) -> Result<()> {
        let mut s = self.enter()?;
        if s.volume_labels.remove(name.as_str()).is_some() {
            s.volumes.remove(name.as_str());
        }
        Ok(())
    }

    async fn helpers(&self, label: &str, value: &str) -> Result<Vec<Leftover>> {
        let s = self.enter()?;
        let ours = s.containers.values().filter(|f| f.act.is_some() && f.container.labels.get(label).is_some_and(|v| v == value));
        Ok(ours.map(|f| Leftover { name: f.container.name.clone(), labels: f.container.labels.clone() }).collect())
    }

    async fn volumes(&self, label: &str, value: &str) -> Result<Vec<Leftover>> {
        let s = self.enter()?;
        let ours = s.volume_labels.iter().filter(|(_, labels)| labels.get(label).is_some_and(|v| v == value));
        Ok(ours.map(|(name, labels)| Leftover { name: name.clone(), labels: labels.clone() }).collect())
    }
}

/// The transactional endpoint of a scratch server.
fn http(s: &State, container: &Container, command: &[&str]) -> String {
    let url = command.last().copied().unwrap_or_default();
    let database = url.split("/db/").nth(1).and_then(|r| r.split('/').next()).unwrap_or_default();
    let body = command.iter().find_map(|c| c.strip_prefix("--post-data=")).unwrap_or("{}");
    let body: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let empty = super::FakeStore { nodes: 0, relationships: 0, users: BTreeMap::new() };
    let store = |db: &str| volume_of(container, "/data").and_then(|v| read_store(s.volumes.get(&v)?, db)).unwrap_or_else(|| empty.clone());
    let results: Vec<serde_json::Value> = body["statements"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|st| {
            let rows = answer(st["statement"].as_str().unwrap_or_default(), &store(database), &store("system"));
            let columns: Vec<String> = rows.first().map(|r| r.keys().cloned().collect()).unwrap_or_default();
            let data: Vec<_> = rows.iter().map(|r| serde_json::json!({ "row": columns.iter().map(|c| r[c].clone()).collect::<Vec<_>>() })).collect();
            serde_json::json!({ "columns": columns, "data": data })
        })
        .collect();
    serde_json::json!({ "results": results, "errors": [] }).to_string()
}
