//! Docker, in memory.

use super::helper::{carry_out, volume_of};
use super::neo4j_container::neo4j_container;
use super::probes;
use super::scratch::http;
use super::world::{Fake, State, World};
use async_trait::async_trait;
use bytes::Bytes;
use domain::bolt::EngineHost;
use domain::container::{Container, ContainerId, HostPort, Mount, MountSource, RestartPolicy, RunState, VolumeName};
use domain::helper::{FREE_MEMORY, HelperCommand, MEASURE};
use domain::image::{FoundImage, ImageReference};
use domain::registry_sign_in::RegistrySignIn;
use futures::StreamExt;
use ports::{
    Bytestream, ContainerEngine, EngineError, ExecResult, FileFacts, HelperSpec, Leftover, LogStream, LogsFrom,
    PullStream, Recreation, ServerSpec, Stats,
};
use std::collections::BTreeMap;
use std::sync::MutexGuard;
use std::time::Duration;

type Result<T> = std::result::Result<T, EngineError>;

/// An engine that keeps containers and volumes in memory and does what helpers would do.
pub struct FakeEngine(pub World);

impl FakeEngine {
    /// Every call passes here: it can be made to fail before or, for half of them, after it has acted.
    fn enter(&self) -> Result<MutexGuard<'_, State>> {
        let mut s = self.0.lock();
        s.calls += 1;
        if s.stranger_at == Some(s.calls) {
            super::server::started_by_somebody(&mut s);
        }
        if let Some(error) = &s.down {
            return Err(error.clone());
        }
        if let Some((from, calls)) = s.away
            && (from..from + calls).contains(&s.calls)
        {
            return Err(EngineError::Unreachable("connection refused".into()));
        }
        if s.panic_call == Some(s.calls) {
            drop(s);
            panic!("the test wanted it");
        }
        if s.fail_call == Some(s.calls) {
            return Err(EngineError::Failed("the test wanted it".into()));
        }
        Ok(s)
    }
}

pub(super) fn no_container(id: &ContainerId) -> EngineError {
    EngineError::NotFound(format!("No such container: {id}"))
}

/// The volume a path lies in, and the path from its root.
fn locate(container: &Container, path: &str) -> Result<(String, String)> {
    let mount = container
        .mounts
        .iter()
        .find(|m| path.starts_with(&m.at))
        .ok_or_else(|| EngineError::NotFound(format!("Could not find the file {path}")))?;
    Ok((mount.source_name().into(), path[mount.at.len()..].into()))
}

#[async_trait]
impl ContainerEngine for FakeEngine {
    async fn ping(&self) -> Result<String> {
        self.enter().map(|_| "fake".into())
    }

    async fn host(&self) -> EngineHost {
        EngineHost::Local
    }

    async fn neo4j_containers(&self) -> Result<Vec<Container>> {
        Ok(self.enter()?.containers.values().filter(|f| f.act.is_none()).map(|f| f.container.clone()).collect())
    }

    async fn inspect(&self, id: &ContainerId) -> Result<Container> {
        self.enter()?.containers.get(id.as_str()).map(|f| f.container.clone()).ok_or_else(|| no_container(id))
    }

    async fn inspect_raw(&self, id: &ContainerId) -> Result<serde_json::Value> {
        self.enter()?.containers.get(id.as_str()).map(super::description::raw).ok_or_else(|| no_container(id))
    }

    async fn stats(&self, id: &ContainerId) -> Result<Stats> {
        let s = self.enter()?;
        super::description::stats(&s, s.containers.get(id.as_str()).ok_or_else(|| no_container(id))?)
    }

    async fn find_image(&self, image: &str) -> Result<Option<FoundImage>> {
        Ok(super::pulls::find(&*self.enter()?, image))
    }

    async fn local_tags(&self, image: &ImageReference) -> Result<Vec<String>> {
        Ok(super::pulls::local_tags(&*self.enter()?, image))
    }

    async fn pull(&self, image: &str, sign_in: Option<&RegistrySignIn>) -> Result<PullStream> {
        super::pulls::pull(&self.0, &*self.enter()?, image, sign_in)
    }

    async fn start(&self, id: &ContainerId) -> Result<()> {
        let mut s = self.enter()?;
        let fake = s.containers.get(id.as_str()).cloned().ok_or_else(|| no_container(id))?;
        if fake.act.is_none() && fake.container.run.is_running() {
            return Ok(());
        }
        let name = fake.container.name.clone();
        s.moved.push(name.clone());
        let data = volume_of(&fake.container, "/data");
        // Two processes must never meet on one store: the fake asserts this.
        let clash = s.containers.values().any(|o| {
            o.container.name != name
                && o.container.run.is_running()
                && data.is_some()
                && volume_of(&o.container, "/data") == data
        });
        let touches = !matches!(
            fake.act,
            Some(
                HelperCommand::Measure
                    | HelperCommand::Hold
                    | HelperCommand::RemoveAside { .. }
                    | HelperCommand::LookAside { .. }
                    | HelperCommand::TestAccess { .. }
                    | HelperCommand::ValidateConfig { .. }
            )
        );
        assert!(s.stranger_came || !(clash && touches), "two containers on one data volume: {id}");
        let (run, output) = match &fake.act {
            Some(act) if clash && act.opens_stores() => {
                (RunState::Stopped { exit_code: 1, out_of_memory: false }, "The database is in use.".into())
            }
            Some(act @ HelperCommand::Serve { .. }) if s.failed(act).is_some() => {
                let (exit_code, output) = s.failed(act).unwrap_or_default();
                (RunState::Stopped { exit_code, out_of_memory: false }, output)
            }
            None | Some(HelperCommand::Serve { .. }) => (RunState::Running, "INFO  Started.".into()),
            Some(act) => {
                let (exit_code, output) = carry_out(&mut s, &fake.container, act);
                (RunState::Stopped { exit_code, out_of_memory: false }, output)
            }
        };
        let fake = s.containers.get_mut(id.as_str()).ok_or_else(|| no_container(id))?;
        (fake.container.run, fake.output) = (run, output);
        super::server::began(&mut s, &name);
        super::server::may_come_down(&mut s, &name);
        Ok(())
    }

    async fn stop(&self, id: &ContainerId, _timeout: Duration) -> Result<()> {
        let mut s = self.enter()?;
        let exit_code = s.stop_code;
        let name = s.containers.name_of(id.as_str()).ok_or_else(|| no_container(id))?;
        s.moved.push(name);
        let fake = s.containers.get_mut(id.as_str()).ok_or_else(|| no_container(id))?;
        if matches!(fake.container.run, RunState::Running | RunState::Restarting) {
            fake.container.run = RunState::Stopped { exit_code, out_of_memory: false };
        }
        Ok(())
    }

    async fn unpause(&self, id: &ContainerId) -> Result<()> {
        let mut s = self.enter()?;
        let fake = s.containers.get_mut(id.as_str()).ok_or_else(|| no_container(id))?;
        if fake.container.run != RunState::Paused {
            return Err(EngineError::Conflict(format!("Container {id} is not paused")));
        }
        fake.container.run = RunState::Running;
        Ok(())
    }

    async fn set_restart_policy(&self, id: &ContainerId, policy: RestartPolicy) -> Result<()> {
        let mut s = self.enter()?;
        s.containers.get_mut(id.as_str()).ok_or_else(|| no_container(id))?.container.restart = policy;
        Ok(())
    }

    async fn rename(&self, id: &ContainerId, name: &str) -> Result<()> {
        let mut s = self.enter()?;
        let now = s.containers.name_of(id.as_str()).ok_or_else(|| no_container(id))?;
        if now != name && s.containers.contains_key(name) {
            return Err(EngineError::Conflict(format!("The container name \"/{name}\" is already in use")));
        }
        s.containers.rename(&now, name);
        Ok(())
    }

    async fn connect_network(&self, id: &ContainerId, network: &str, aliases: &[String]) -> Result<()> {
        super::networks::connect(&mut *self.enter()?, id, network, aliases)
    }

    async fn disconnect_network(&self, id: &ContainerId, network: &str) -> Result<()> {
        super::networks::disconnect(&mut *self.enter()?, id, network)
    }

    async fn running_on(&self, volume: &str) -> Result<Vec<String>> {
        let s = self.enter()?;
        let on =
            |f: &&Fake| f.container.run.is_running() && f.container.mounts.iter().any(|m| m.source_name() == volume);
        Ok(s.containers.values().filter(on).map(|f| f.container.name.clone()).collect())
    }

    async fn published_ports(&self) -> Result<Vec<(HostPort, String)>> {
        Ok(super::networks::published_ports(&*self.enter()?))
    }

    async fn has_network(&self, name: &str) -> Result<bool> {
        Ok(super::networks::exists(&*self.enter()?, name))
    }

    async fn exec(&self, id: &ContainerId, command: &[&str], _limit: Duration) -> Result<ExecResult> {
        let s = self.enter()?;
        let fake =
            s.containers.get(id.as_str()).filter(|f| f.container.run.is_running()).ok_or_else(|| no_container(id))?;
        if command.contains(&probes::EVENTS) {
            return Ok(ExecResult { exit_code: 0, output: probes::inside(&s, command) });
        }
        if command[0] == "wget" {
            return Ok(ExecResult { exit_code: 0, output: http(&s, &fake.container, command) });
        }
        let script = command.last().copied().unwrap_or_default();
        let output = match script {
            MEASURE => s.measured(),
            FREE_MEMORY => s.free_memory.to_string(),
            _ => String::new(),
        };
        Ok(ExecResult { exit_code: 0, output })
    }

    async fn read_file(&self, id: &ContainerId, path: &str) -> Result<(FileFacts, Bytestream)> {
        let s = self.enter()?;
        let fake = s.containers.get(id.as_str()).ok_or_else(|| no_container(id))?;
        let (volume, rest) = locate(&fake.container, path)?;
        let bytes = s
            .volumes
            .get(&volume)
            .and_then(|v| v.get(&rest))
            .cloned()
            .ok_or_else(|| EngineError::NotFound(format!("Could not find the file {path}")))?;
        Ok((
            FileFacts { bytes: bytes.len() as u64 },
            futures::stream::once(async move { Ok(Bytes::from(bytes)) }).boxed(),
        ))
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
        s.helper_users.push((spec.act.role().into(), spec.user.to_string()));
        let mounts = spec
            .mounts
            .iter()
            .map(|m| Mount {
                source: MountSource::Volume(VolumeName(m.source.clone())),
                at: m.at.clone(),
                writable: m.writable,
            })
            .collect();
        let container = Container {
            run: RunState::Created,
            labels: spec.labels.clone(),
            mounts,
            image_id: spec.image.clone(),
            ports: vec![],
            ..neo4j_container(&spec.name)
        };
        Ok(s.containers.add(Fake::new(container, Some(spec.act.clone()))).container.id.clone())
    }

    async fn create_server(&self, spec: &ServerSpec) -> Result<ContainerId> {
        super::server::create(&mut *self.enter()?, spec)
    }

    async fn remove_server(&self, name: &str) -> Result<()> {
        super::server::remove(&mut *self.enter()?, name)
    }

    async fn recreate(&self, wanted: &Recreation) -> Result<ContainerId> {
        super::recreation::recreate(&mut *self.enter()?, wanted)
    }

    async fn set_memory_limit(&self, id: &ContainerId, bytes: Option<u64>) -> Result<()> {
        super::recreation::set_memory_limit(&mut *self.enter()?, id, bytes)
    }

    async fn remove_stopped(&self, id: &ContainerId) -> Result<()> {
        super::recreation::remove_stopped(&mut *self.enter()?, id)
    }

    async fn host_memory(&self) -> Result<u64> {
        self.enter().map(|s| s.host_memory)
    }

    async fn inspect_volume(&self, name: &VolumeName) -> Result<Leftover> {
        let s = self.enter()?;
        let labels = s.volume_labels.get(name.as_str()).cloned().unwrap_or_default();
        let there = s.volumes.contains_key(name.as_str()) || s.volume_labels.contains_key(name.as_str());
        there
            .then(|| Leftover { name: name.0.clone(), labels })
            .ok_or_else(|| EngineError::NotFound(format!("no such volume: {name}")))
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

    async fn follow_logs(&self, id: &ContainerId, from: LogsFrom) -> Result<LogStream> {
        super::logs::follow(&self.0, &*self.enter()?, id, &from)
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
            (true, false) => {
                return Err(EngineError::Conflict(format!(
                    "The volume {name} was not made by this console, so it is not used."
                )));
            }
            (false, false) => {
                s.volumes.insert(name.0.clone(), BTreeMap::new());
                s.volume_labels.insert(name.0.clone(), labels.clone());
            }
        }
        Ok(())
    }

    async fn remove_foreign_volume(&self, name: &VolumeName) -> Result<()> {
        super::volumes::remove_foreign(&mut *self.enter()?, name)
    }

    async fn remove_volume(&self, name: &VolumeName) -> Result<()> {
        super::volumes::remove(&mut *self.enter()?, name)
    }

    async fn helpers(&self, label: &str, value: &str) -> Result<Vec<Leftover>> {
        let s = self.enter()?;
        let ours = s
            .containers
            .values()
            .filter(|f| f.act.is_some() && f.container.labels.get(label).is_some_and(|v| v == value));
        Ok(ours.map(|f| Leftover { name: f.container.name.clone(), labels: f.container.labels.clone() }).collect())
    }

    async fn volumes(&self, label: &str, value: &str) -> Result<Vec<Leftover>> {
        let s = self.enter()?;
        let ours = s.volume_labels.iter().filter(|(_, labels)| labels.get(label).is_some_and(|v| v == value));
        Ok(ours.map(|(name, labels)| Leftover { name: name.clone(), labels: labels.clone() }).collect())
    }
}
