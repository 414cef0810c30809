//! Servers that jobs make and that stay. What one takes over from another, and what it must not: two servers must
//! never share a port, a writable volume, a route or a name that clients are sent to. And whose it is: a job removes
//! only what it made.

use super::context::StepContext;
use crate::error::{Error, Result};

use domain::bolt;
use domain::container::{Container, ContainerId, HostPort, ImageId, Mount, MountSource, VolumeName};
use domain::deployment::DeploymentName;
use domain::finding::STOP_TIMEOUT;
use domain::helper::DATA;
use domain::new_deployment::AUTH;
use ports::{EngineError, HelperMount, OWNER_LABEL, ServerSpec};
use std::collections::BTreeMap;

/// On a new server and its volumes, beside [`OWNER_LABEL`]: for which job. Not the label of helpers, which are swept.
const MADE_BY: &str = "neo4j-console.made-by-job";
const PLUGINS: &str = "/plugins";
const HTTP: u16 = 7474;
/// Not networks of containers: the host's own would clash on every port, and without one nothing reaches it.
const NO_NETWORKS: [&str; 3] = ["host", "none", "bridge"];

/// Where a new deployment of this name has its data.
pub fn data_volume(name: &DeploymentName) -> VolumeName {
    VolumeName(format!("{name}-data"))
}

/// How Neo4j is told who may sign in at the very first start.
pub enum Auth {
    /// The users come with the backup.
    Restored,
    /// `neo4j` with this password.
    Password(String),
}

/// `labels`: who made it, and for which job.
pub fn spec(source: &Container, name: &DeploymentName, auth: &Auth, labels: BTreeMap<String, String>) -> ServerSpec {
    let mut env: Vec<_> = source.own_env().filter(|(name, _)| stays(name)).cloned().collect();
    match (auth, source.env_value("NEO4J_AUTH")) {
        (_, Some("none")) => env.push(("NEO4J_AUTH".into(), "none".into())),
        (Auth::Password(password), _) => env.push(("NEO4J_AUTH".into(), format!("neo4j/{password}"))),
        (Auth::Restored, _) => {}
    }
    ServerSpec {
        name: name.to_string(),
        image: source.image.clone(),
        image_id: source.image_id.clone(),
        env,
        mounts: [HelperMount { source: data_volume(name).0, at: DATA.into(), writable: true }]
            .into_iter()
            .chain(plugins(source))
            .collect(),
        networks: source
            .networks
            .iter()
            .map(|n| n.name.clone())
            .filter(|n| !NO_NETWORKS.contains(&n.as_str()))
            .collect(),
        published: vec![(HTTP, free_port()), (bolt::port(source), free_port())],
        memory_limit: source.memory_limit,
        stop_timeout: source.stop_timeout.unwrap_or(0).max(STOP_TIMEOUT),
        labels: with_own(labels),
    }
}

/// On loopback; the engine takes one that is free.
fn free_port() -> HostPort {
    HostPort { address: "127.0.0.1".into(), port: 0 }
}

/// Of a new deployment. `planned`: as [`domain::new_deployment::NewDeployment::plan`] says.
pub fn spec_of_new(
    planned: &Container,
    image_id: ImageId,
    password: &str,
    labels: BTreeMap<String, String>,
) -> ServerSpec {
    let mut env = planned.env.clone();
    env.push((AUTH.into(), format!("neo4j/{password}")));
    let mount = |mount: &Mount| HelperMount {
        source: mount.source_name().into(),
        at: mount.at.clone(),
        writable: mount.writable,
    };
    ServerSpec {
        name: planned.name.clone(),
        image: planned.image.clone(),
        image_id,
        env,
        mounts: planned.mounts.iter().map(mount).collect(),
        networks: planned.networks.iter().map(|network| network.name.clone()).collect(),
        published: planned.ports.iter().filter_map(|port| Some((port.container, port.host.clone()?))).collect(),
        memory_limit: planned.memory_limit,
        stop_timeout: planned.stop_timeout.unwrap_or(STOP_TIMEOUT),
        labels: with_own(labels),
    }
}

fn with_own(labels: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let own = [
        // An image known by its id alone, or by a name of one's own, is still seen as Neo4j.
        ("neo4j-console.neo4j", "true"),
        // Traefik routes whatever it sees unless it is told not to.
        ("traefik.enable", "false"),
    ];
    own.into_iter().map(|(key, value)| (key.into(), value.into())).chain(labels).collect()
}

/// On what this job makes.
pub fn labels(cx: &StepContext) -> BTreeMap<String, String> {
    [(OWNER_LABEL.to_string(), cx.state.instance.clone()), (MADE_BY.to_string(), cx.job.to_string())].into()
}

fn is_own(cx: &StepContext, found: &BTreeMap<String, String>) -> bool {
    labels(cx).iter().all(|(key, value)| found.get(key) == Some(value))
}

/// It must be this job's own: an older one of the name may hold somebody's data.
pub async fn make_volume(cx: &StepContext, volume: &VolumeName) -> Result<()> {
    cx.engine.create_volume(volume, &labels(cx)).await?;
    if is_own(cx, &cx.engine.inspect_volume(volume).await?.labels) {
        return Ok(());
    }
    Err(Error::conflict(format!("There is already a volume {volume} on the Docker host. Choose another name.")))
}

/// If it is this job's own.
pub async fn remove_volume(cx: &StepContext, volume: &VolumeName) -> Result<()> {
    match cx.engine.inspect_volume(volume).await {
        Ok(found) if is_own(cx, &found.labels) => Ok(cx.engine.remove_volume(volume).await?),
        Ok(_) | Err(EngineError::NotFound(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// If it is this job's own.
pub async fn remove_server(cx: &StepContext, name: &DeploymentName) -> Result<()> {
    match cx.engine.inspect(&ContainerId(name.to_string())).await {
        Ok(found) if found.name == name.as_str() && is_own(cx, &found.labels) => {
            Ok(cx.engine.remove_server(name.as_str()).await?)
        }
        Ok(_) | Err(EngineError::NotFound(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Neo4j's own variables and the time zone. Others belong to whatever made the container.
fn stays(name: &str) -> bool {
    (name.starts_with("NEO4J_") || name == "TZ") && !is_of_the_other(name)
}

/// What is right for one server only: passwords, files that are not mounted here, certificates, and the addresses
/// clients are sent on to, which are those of the server beside it.
fn is_of_the_other(name: &str) -> bool {
    let setting = name.to_ascii_lowercase();
    setting.starts_with("neo4j_auth")
        || setting.ends_with("_file")
        || setting.contains("advertised__address")
        || setting.contains("ssl_policy")
        || setting.contains("tls__level")
        || setting.contains("_https_")
}

/// Jars, only to read, and only where nothing wants to write there: the entrypoint does for `NEO4J_PLUGINS`, and then
/// brings them.
fn plugins(source: &Container) -> Option<HelperMount> {
    let mount = source.mount_at(PLUGINS)?;
    let MountSource::Volume(volume) = &mount.source else { return None };
    source.env_value("NEO4J_PLUGINS").is_none().then(|| HelperMount {
        source: volume.0.clone(),
        at: PLUGINS.into(),
        writable: false,
    })
}

/// What of the source the new server does not have, as a sentence for the job's page.
pub fn left_out(source: &Container, spec: &ServerSpec) -> String {
    let mounts = source
        .mounts
        .iter()
        .map(|m| m.at.as_str())
        .filter(|at| *at != "/logs" && !spec.mounts.iter().any(|m| m.at == *at));
    let variables = source
        .own_env()
        .map(|(name, _)| name.as_str())
        .filter(|name| *name != "NEO4J_AUTH" && !spec.env.iter().any(|(n, _)| n == name));
    let all: Vec<&str> = mounts.chain(variables).collect();
    if all.is_empty() { String::new() } else { format!(" Not taken over: {}.", all.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::container::Network;
    use fakes::neo4j_container;

    fn name() -> DeploymentName {
        DeploymentName::parse("sales-copy").expect("a name")
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.into(), value.into())
    }

    fn mount(source: MountSource, at: &str) -> Mount {
        Mount { source, at: at.into(), writable: true }
    }

    fn source() -> Container {
        let mut c = neo4j_container("sales");
        c.env.extend([
            pair("NEO4J_server_memory_heap_max__size", "1g"),
            pair("NEO4J_server_bolt_advertised__address", "graph.example.com:7687"),
            pair("NEO4J_dbms_ssl_policy_bolt_enabled", "true"),
            pair("NEO4J_AUTH_FILE", "/run/secrets/auth"),
            pair("COOLIFY_FQDN", "graph.example.com"),
            pair("TZ", "Europe/Berlin"),
        ]);
        c.labels.insert("traefik.http.routers.graph.rule".into(), "Host(`graph.example.com`)".into());
        c.labels.insert("com.docker.compose.project".into(), "shop".into());
        c.mounts.push(mount(MountSource::Volume(VolumeName("jars".into())), PLUGINS));
        c.mounts.push(mount(MountSource::Bind("/srv/import".into()), "/import"));
        c.networks = ["shop", "host"].map(|n| Network { name: n.into(), ip: String::new() }).into();
        c.memory_limit = Some(4 << 30);
        c.stop_timeout = Some(10);
        c
    }

    #[test]
    fn a_new_server_shares_neither_port_nor_label_nor_writable_volume_nor_address_with_the_other() {
        let made = spec(&source(), &name(), &Auth::Password("correct horse".into()), BTreeMap::new());
        assert_eq!(
            made.env,
            [
                pair("NEO4J_server_memory_heap_max__size", "1g"),
                pair("TZ", "Europe/Berlin"),
                pair("NEO4J_AUTH", "neo4j/correct horse")
            ]
        );
        let mounts: Vec<_> = made.mounts.iter().map(|m| (m.source.as_str(), m.at.as_str(), m.writable)).collect();
        assert_eq!(mounts, [("sales-copy-data", "/data", true), ("jars", "/plugins", false)]);
        assert_eq!(
            (made.networks, made.memory_limit, made.stop_timeout),
            (vec!["shop".to_string()], Some(4 << 30), STOP_TIMEOUT)
        );
        assert_eq!(made.labels.keys().collect::<Vec<_>>(), ["neo4j-console.neo4j", "traefik.enable"]);
        assert_eq!(made.labels["traefik.enable"], "false");
    }

    #[test]
    fn restored_users_need_no_first_password_and_a_server_without_sign_in_stays_one() {
        let of = |source: &Container, auth| {
            spec(source, &name(), auth, BTreeMap::new()).env.into_iter().find(|(n, _)| n == "NEO4J_AUTH")
        };
        assert_eq!(of(&source(), &Auth::Restored), None);
        let mut open = source();
        open.env.retain(|(n, _)| n != "NEO4J_AUTH");
        open.env.push(pair("NEO4J_AUTH", "none"));
        assert_eq!(of(&open, &Auth::Password("x".into())), Some(pair("NEO4J_AUTH", "none")));
    }

    #[test]
    fn plugins_the_entrypoint_writes_are_not_mounted_and_what_is_missing_is_said() {
        let mut c = source();
        c.env.push(pair("NEO4J_PLUGINS", "[\"apoc\"]"));
        let made = spec(&c, &name(), &Auth::Restored, BTreeMap::new());
        assert_eq!(made.mounts.len(), 1);
        let says = left_out(&c, &made);
        assert!(
            says.contains("/plugins") && says.contains("/import") && says.contains("advertised__address"),
            "{says}"
        );
        assert!(!says.contains("/data") && !says.contains("NEO4J_PLUGINS"), "{says}");
    }
}
