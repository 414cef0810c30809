//! Puts the console together from its configuration: key, store, adapters. The one place that knows the adapters by
//! name.

use crate::config::Config;
use crate::key_file::{self, Keys};
use adapters::bolt::BoltClient;
use adapters::docker::DockerEngine;
use adapters::local_directory::LocalDirectory;
use adapters::outbound::Outbound;
use adapters::registry::RegistryClient;
use adapters::smtp::Smtp;
use adapters::system_clock::SystemClock;
use adapters::target_factory::TargetFactory;
use adapters::webhook::WebhookClient;
use ops::crypto::seal::Seal;
use ops::store::Store;
use ops::timeouts::Timeouts;
use ops::{Console, Error};
use ports::{Engines, Ports};
use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

/// The adapters to Docker, Neo4j, the target, mail, web hooks, registries and the clock. Connects to nothing yet.
pub fn ports(config: &Config) -> Result<Ports, String> {
    let engine = DockerEngine::connect(config.docker_host.as_deref()).map_err(|error| words(&error.into()))?;
    let outbound = Outbound::new(config.hooks_to.clone(), engine.tcp_address());
    Ok(Ports {
        engines: Engines::local(Arc::new(engine)),
        graph: Arc::new(BoltClient::default()),
        target: Arc::new(LocalDirectory::new(config.backups.clone())),
        targets: Arc::new(TargetFactory::new(
            [config.data.clone(), config.backups.clone()],
            config.data.join("uploads"),
        )),
        mailer: Arc::new(Smtp::new(outbound.clone())),
        webhook: Arc::new(WebhookClient::new(outbound.clone())),
        registry: Arc::new(RegistryClient::new(outbound.with_private())),
        clock: Arc::new(SystemClock),
    })
}

/// A sentence, when whoever listens on the network can take over the Docker host.
pub fn docker_in_the_clear(config: &Config) -> Option<String> {
    let host = DockerEngine::connect(config.docker_host.as_deref()).ok()?.in_the_clear()?;
    Some(format!(
        "Docker on {host} is spoken to unencrypted: whoever is on the way there is root on that host. Use \
         tcp://{host}:2376 with DOCKER_CERT_PATH, or run the \
         console on that host."
    ))
}

/// Opens the key and the database, both made if absent. Fails with sentences for people.
pub async fn console(config: &Config, ports: Ports) -> Result<Console, String> {
    data_directory(&config.data)?;
    let seal = seal(&key_file::load_or_create(&config.key_file)?);
    let store = Store::open(&config.data).await.map_err(|error| words(&error))?;
    let timeouts = Timeouts { max_heavy_jobs: config.heavy_jobs, ..Timeouts::default() };
    Console::new(store, seal, ports, timeouts).await.map_err(|error| words(&error))
}

/// The seal of these keys.
pub fn seal(keys: &Keys) -> Seal {
    Seal::from_keys(keys.present, &keys.earlier)
}

/// Makes the data directory if there is none, and closes it to others: sessions, hashes of passwords and the key lie in
/// it, and files of an older console may be open to all.
pub fn data_directory(path: &Path) -> Result<(), String> {
    let shown = path.display();
    key_file::make_directory(path).map_err(|error| {
        format!(
            "The data directory {shown} cannot be made: {error}. Make it and give it to the user the console runs as."
        )
    })?;
    let mode = std::fs::metadata(path)
        .map_err(|error| format!("The data directory {shown} cannot be read: {error}."))?
        .permissions()
        .mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    std::fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(|error| {
        format!(
            "The data directory {shown} has mode {:04o}, and others may enter it ({error}). Run chmod 700 {shown}.",
            mode & 0o7777
        )
    })
}

/// Holds the data directory for one process. The lock goes with the process, however it ends.
pub fn lock(config: &Config) -> Result<File, String> {
    let path = config.data.join("console.lock");
    let failed = |error: std::io::Error| {
        format!("The data directory {} cannot be written: {error}. Check its owner and mode.", config.data.display())
    };
    let file = File::options().write(true).create(true).truncate(false).open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            Err(format!("Another console already runs on the data directory {}. Stop it first.", config.data.display()))
        }
        Err(std::fs::TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// An error in one line, with its cause: whoever starts the console may read it.
pub fn words(error: &Error) -> String {
    if let Error::Internal(incident) = error {
        return format!("Internal error: {incident}");
    }
    let problem = error.problem();
    let sentences = [problem.title, problem.means].into_iter().chain(problem.next_steps);
    sentences.filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" ")
}
