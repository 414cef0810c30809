//! What a manifest says of a running server: versions, counts, settings, plugins. All that a dump does not hold.

use super::context::StepContext;
use crate::engine::credentials::bolt;
use crate::engine::graph;
use crate::error::{Error, Result};
use domain::Problem;
use domain::backup::{Content, EnvVar, Manifest, Plugin};
use domain::container::Container;
use domain::database::DatabaseName;
use domain::deployment::DatabaseFacts;
use domain::problem::ProblemKind;
use domain::setting::{is_plain, is_plain_variable};
use domain::statements;
use futures::StreamExt;
use std::time::Duration;

/// Counting is answered from the count store; a busy server may still take a while.
const QUERY: Duration = Duration::from_secs(60);
const PLUGINS: &str = "for d in /plugins /var/lib/neo4j/plugins; do [ -d \"$d\" ] && cd \"$d\" && sha256sum -- *.jar \
    2>/dev/null; done; true";
const CONF: [&str; 2] = ["neo4j.conf", "apoc.conf"];

/// The text of a configuration file, secrets hidden.
pub struct Conf {
    /// Path inside the bundle.
    pub part: String,
    pub text: String,
}

/// The manifest without its kind, parts and durations.
pub async fn manifest(cx: &StepContext, container: &Container, id: domain::backup::BackupId) -> Result<Manifest> {
    let server = bolt(&cx.state.ports, &cx.deployment, container, &cx.state.seal).await?;
    let graph = cx.state.ports.graph.as_ref();
    let answers = graph
        .query(
            &server,
            "system",
            &[statements::IDENTITY, statements::DATABASES, statements::MEMORY, statements::USERS],
            QUERY,
        )
        .await?;
    let facts = graph::facts(&answers[..3], container.memory_limit)?;
    let (Some(version), Some(edition)) = (facts.version, facts.edition) else {
        return Err(Error::conflict("Neo4j did not say which version and edition it is."));
    };
    if version.major < 5 {
        return Err(Problem::new(
            ProblemKind::Conflict,
            format!("This console backs up Neo4j 5 and later; this is {version}."),
        )
        .next_step("Upgrade to 5.26 by its migration guide.")
        .into());
    }
    let mut databases = Vec::new();
    for database in facts.databases.iter().filter(|d| d.name != DatabaseName::SYSTEM && d.status == "online") {
        let name = DatabaseName::parse(&database.name).map_err(|odd| Error::conflict(odd.to_string()))?;
        let answers = graph.query(&server, name.as_str(), &statements::CONTENT, QUERY).await?;
        let content = graph::content(&name, database.store.clone(), &answers)?;
        databases.push(Content { store_id: database.id.clone(), ..content });
    }
    if databases.is_empty() {
        return Err(nothing_to_save());
    }
    let counted_at = Some(cx.state.ports.clock.now());
    let away = |d: &&DatabaseFacts| d.name != "system" && d.status != "online";
    let left_out = facts.databases.iter().filter(away).map(|d| d.name.clone()).collect();
    let users = answers[3].iter().filter_map(|r| r.get("user")?.as_str().map(str::to_owned)).collect();
    Ok(Manifest {
        format: Manifest::FORMAT,
        id,
        deployment: cx.deployment.name.clone(),
        made_at: cx.state.ports.clock.now(),
        kind: String::new(),
        how: String::new(),
        by: cx.by.clone(),
        reason: cx.reason.clone(),
        console_version: env!("CARGO_PKG_VERSION").into(),
        version,
        edition,
        image: container.image.clone(),
        image_id: container.image_id.clone(),
        image_digest: container.image_digest.clone(),
        container: container.name.clone(),
        env: env(cx, container)?,
        plugins: plugins(cx, container).await?,
        databases,
        counted_at,
        left_out,
        neo4j_users: users,
        parts: Vec::new(),
        offline_ms: 0,
        duration_ms: 0,
    })
}

fn nothing_to_save() -> Error {
    Problem::new(ProblemKind::Conflict, "No user database is online.")
        .means("There would be nothing to save but the Neo4j users.")
        .next_step("Check the server's log.")
        .into()
}

fn env(cx: &StepContext, container: &Container) -> Result<Vec<EnvVar>> {
    container
        .own_env()
        .map(|(name, value)| {
            let plain = is_plain_variable(name, value);
            let sealed = if plain { None } else { Some(cx.state.seal.seal(&format!("backup env {name}"), value)?) };
            Ok(EnvVar { name: name.clone(), value: plain.then(|| value.clone()), sealed })
        })
        .collect()
}

async fn plugins(cx: &StepContext, container: &Container) -> Result<Vec<Plugin>> {
    let done = cx.engine.exec(&container.id, &["/bin/bash", "-c", PLUGINS], QUERY).await?;
    let mut all: Vec<Plugin> = done
        .output
        .lines()
        .filter_map(|l| l.split_once("  "))
        .filter(|(sum, _)| sum.len() == 64)
        .map(|(sum, file)| Plugin { file: file.trim().into(), sha256: sum.into() })
        .collect();
    // `/var/lib/neo4j/plugins` and `/plugins` may be the same directory.
    all.sort_by(|a, b| a.file.cmp(&b.file));
    all.dedup();
    Ok(all)
}

/// The effective configuration files; one that is not there is left out.
pub async fn conf(cx: &StepContext, container: &Container) -> Result<Vec<Conf>> {
    let mut all = Vec::new();
    for name in CONF {
        let (_, mut stream) = match cx.engine.read_file(&container.id, &format!("/var/lib/neo4j/conf/{name}")).await {
            Err(ports::EngineError::NotFound(_)) => continue,
            other => other?,
        };
        let mut bytes = Vec::new();
        while let Some(piece) = stream.next().await {
            bytes.extend_from_slice(&piece.map_err(Error::internal)?);
            if bytes.len() > 1 << 20 {
                return Err(Error::conflict(format!("{name} is larger than 1 MiB.")));
            }
        }
        all.push(Conf { part: format!("conf/{name}"), text: hide_secrets(&String::from_utf8_lossy(&bytes)) });
    }
    Ok(all)
}

/// Comments are dropped: a line that was switched off is as private as one that is on. So is what a backslash
/// continues.
fn hide_secrets(conf: &str) -> String {
    let joined = conf.replace("\\\n", "");
    let lines = joined.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let shown = lines.map(|line| match line.split_once('=') {
        Some((name, value)) if is_plain(name, value) => format!("{line}\n"),
        Some((name, _)) => format!("{name}=<hidden>\n"),
        None => "<hidden>\n".into(),
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_configuration_files_are_hidden() {
        let conf = "server.bolt.enabled=true\n \
            dbms.security.ldap.authorization.system_password=owls\n#password=x\n\nmy.own=1\n";
        let shown =
            "server.bolt.enabled=true\ndbms.security.ldap.authorization.system_password=<hidden>\nmy.own=<hidden>\n";
        assert_eq!(hide_secrets(conf), shown);
        assert_eq!(
            hide_secrets("apoc.jdbc.shop.url=jdbc:mysql://db/shop?\\\nuser=me&password=owls\n"),
            "apoc.jdbc.shop.url=<hidden>\n"
        );
    }
}
