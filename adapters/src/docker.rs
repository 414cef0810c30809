//! The Docker Engine over its socket or TCP, as the port [`ContainerEngine`]. Speaks API 1.41 (Debian 12) and newer:
//! bollard sends unversioned paths, so the engine answers in its own newest shape. Every call is bounded; nothing is
//! retried here.

mod archive;
mod containers;
mod endpoint;
mod errors;
mod exec;
mod exec_detached;
mod exec_user;
mod helpers;
mod images;
mod log_lines;
mod logs;
mod memory;
mod networks;
mod place;
mod pull;
mod raw;
mod recreation;
#[cfg(test)]
mod scripted_engine;
mod servers;
mod stats;
mod tar_stream;
mod translate;
mod upload;
mod volumes;

use async_trait::async_trait;
use bollard::Docker;
use domain::bolt::EngineHost;
use domain::container::{Container, ContainerId, HostPort, RestartPolicy, VolumeName};
use domain::image::{FoundImage, ImageReference};
use domain::registry_sign_in::RegistrySignIn;
use endpoint::Endpoint;
use errors::{READ, bounded};
use ports::{
    Bytestream, ContainerEngine, EngineError, ExecResult, FileFacts, HelperSpec, Leftover, LogStream, LogsFrom,
    PullStream, Recreation, ServerSpec, Stats,
};
use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

/// One engine. Cheap to share; every request has its own connection.
#[derive(Debug)]
pub struct DockerEngine {
    endpoint: Endpoint,
    /// Made at the first use: bollard refuses to make a client while the socket's file is missing.
    client: OnceLock<Docker>,
    /// Of the engine, once it has told.
    place: OnceLock<EngineHost>,
}

impl DockerEngine {
    /// Understands `unix:///path`, `tcp://host:port`, `http://host:port`, `https://host:port`; `None` is Docker's own
    /// default socket. Only an address that cannot be understood fails; the engine may be down now.
    pub fn connect(docker_host: Option<&str>) -> Result<Self, EngineError> {
        Ok(Self {
            endpoint: Endpoint::parse(docker_host, std::env::var_os("DOCKER_CERT_PATH"))?,
            client: OnceLock::new(),
            place: OnceLock::new(),
        })
    }

    /// Host and port where the engine is reached over TCP. `None`: a socket.
    pub fn tcp_address(&self) -> Option<(String, u16)> {
        self.endpoint.address()
    }

    /// The engine's host, when it is spoken to unencrypted over a network.
    pub fn in_the_clear(&self) -> Option<String> {
        self.endpoint.in_the_clear().map(str::to_owned)
    }

    fn client(&self) -> Result<&Docker, EngineError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = self.endpoint.open()?;
        Ok(self.client.get_or_init(|| client))
    }
}

#[async_trait]
impl ContainerEngine for DockerEngine {
    async fn ping(&self) -> Result<String, EngineError> {
        let version = bounded("ask for the version (GET /version)", READ, self.client()?.version()).await?;
        Ok(format!("{} (API {})", version.version.unwrap_or_default(), version.api_version.unwrap_or_default()))
    }

    async fn host(&self) -> EngineHost {
        place::of(self).await
    }

    async fn neo4j_containers(&self) -> Result<Vec<Container>, EngineError> {
        containers::neo4j_containers(self.client()?).await
    }

    async fn inspect(&self, id: &ContainerId) -> Result<Container, EngineError> {
        containers::inspect(self.client()?, id.as_str()).await
    }

    async fn inspect_raw(&self, id: &ContainerId) -> Result<serde_json::Value, EngineError> {
        raw::inspect(self.client()?, id.as_str()).await
    }

    async fn stats(&self, id: &ContainerId) -> Result<Stats, EngineError> {
        stats::read(self.client()?, id.as_str()).await
    }

    async fn find_image(&self, image: &str) -> Result<Option<FoundImage>, EngineError> {
        images::find(self.client()?, image).await
    }

    async fn local_tags(&self, image: &ImageReference) -> Result<Vec<String>, EngineError> {
        images::local_tags(self.client()?, image).await
    }

    async fn pull(&self, image: &str, sign_in: Option<&RegistrySignIn>) -> Result<PullStream, EngineError> {
        pull::pull(self.client()?, image, sign_in).await
    }

    async fn start(&self, id: &ContainerId) -> Result<(), EngineError> {
        containers::start(self.client()?, id.as_str()).await
    }

    async fn stop(&self, id: &ContainerId, timeout: Duration) -> Result<(), EngineError> {
        containers::stop(self.client()?, id.as_str(), timeout).await
    }

    async fn unpause(&self, id: &ContainerId) -> Result<(), EngineError> {
        containers::unpause(self.client()?, id.as_str()).await
    }

    async fn set_restart_policy(&self, id: &ContainerId, policy: RestartPolicy) -> Result<(), EngineError> {
        containers::set_restart_policy(self.client()?, id.as_str(), policy).await
    }

    async fn rename(&self, id: &ContainerId, name: &str) -> Result<(), EngineError> {
        containers::rename(self.client()?, id.as_str(), name).await
    }

    async fn connect_network(&self, id: &ContainerId, network: &str, aliases: &[String]) -> Result<(), EngineError> {
        networks::connect(self.client()?, id.as_str(), network, aliases).await
    }

    async fn disconnect_network(&self, id: &ContainerId, network: &str) -> Result<(), EngineError> {
        networks::disconnect(self.client()?, id.as_str(), network).await
    }

    async fn running_on(&self, volume: &str) -> Result<Vec<String>, EngineError> {
        containers::running_on(self.client()?, volume).await
    }

    async fn published_ports(&self) -> Result<Vec<(HostPort, String)>, EngineError> {
        networks::published_ports(self.client()?).await
    }

    async fn has_network(&self, name: &str) -> Result<bool, EngineError> {
        networks::exists(self.client()?, name).await
    }

    async fn exec(&self, id: &ContainerId, command: &[&str], limit: Duration) -> Result<ExecResult, EngineError> {
        exec::exec(self.client()?, id.as_str(), command, limit).await
    }

    async fn read_file(&self, id: &ContainerId, path: &str) -> Result<(FileFacts, Bytestream), EngineError> {
        archive::read_file(self.client()?, id.as_str(), path).await
    }

    async fn write_file(
        &self,
        id: &ContainerId,
        path: &str,
        bytes: u64,
        content: Bytestream,
    ) -> Result<(), EngineError> {
        archive::write_file(self.client()?, id.as_str(), path, bytes, content).await
    }

    async fn make_directory(&self, id: &ContainerId, path: &str) -> Result<(), EngineError> {
        archive::make_directory(self.client()?, id.as_str(), path).await
    }

    async fn create_helper(&self, spec: &HelperSpec) -> Result<ContainerId, EngineError> {
        helpers::create(self.client()?, spec).await
    }

    async fn create_server(&self, spec: &ServerSpec) -> Result<ContainerId, EngineError> {
        servers::create(self.client()?, spec).await
    }

    async fn remove_server(&self, name: &str) -> Result<(), EngineError> {
        servers::remove(self.client()?, name).await
    }

    async fn recreate(&self, wanted: &Recreation) -> Result<ContainerId, EngineError> {
        recreation::recreate(self.client()?, wanted).await
    }

    async fn set_memory_limit(&self, id: &ContainerId, bytes: Option<u64>) -> Result<(), EngineError> {
        memory::set_limit(self.client()?, id.as_str(), bytes).await
    }

    async fn remove_stopped(&self, id: &ContainerId) -> Result<(), EngineError> {
        containers::remove_stopped(self.client()?, id.as_str()).await
    }

    async fn host_memory(&self) -> Result<u64, EngineError> {
        memory::of_host(self.client()?).await
    }

    async fn inspect_volume(&self, name: &VolumeName) -> Result<Leftover, EngineError> {
        volumes::inspect(self.client()?, name.as_str()).await
    }

    async fn wait(&self, id: &ContainerId, limit: Duration) -> Result<i64, EngineError> {
        containers::wait(self.client()?, id.as_str(), limit).await
    }

    async fn logs(&self, id: &ContainerId, lines: usize) -> Result<String, EngineError> {
        exec::logs(self.client()?, id.as_str(), lines).await
    }

    async fn follow_logs(&self, id: &ContainerId, from: LogsFrom) -> Result<LogStream, EngineError> {
        logs::follow(self.client()?, id.as_str(), &from).await
    }

    async fn remove_helper(&self, name: &str) -> Result<(), EngineError> {
        helpers::remove(self.client()?, name).await
    }

    async fn create_volume(&self, name: &VolumeName, labels: &BTreeMap<String, String>) -> Result<(), EngineError> {
        volumes::create(self.client()?, name.as_str(), labels).await
    }

    async fn remove_foreign_volume(&self, name: &VolumeName) -> Result<(), EngineError> {
        volumes::remove_foreign(self.client()?, name.as_str()).await
    }

    async fn remove_volume(&self, name: &VolumeName) -> Result<(), EngineError> {
        volumes::remove(self.client()?, name.as_str()).await
    }

    async fn helpers(&self, label: &str, value: &str) -> Result<Vec<Leftover>, EngineError> {
        helpers::list(self.client()?, label, value).await
    }

    async fn volumes(&self, label: &str, value: &str) -> Result<Vec<Leftover>, EngineError> {
        volumes::list(self.client()?, label, value).await
    }
}
