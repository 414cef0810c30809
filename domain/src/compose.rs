//! A container as a Compose file: to run the same one without the console, or to keep it beside one's other files.

use crate::container::{Container, Mount, MountSource, RestartPolicy};
use crate::setting::is_plain_variable;
use std::fmt::Write;

/// The file. What may be secret stands in it as a variable to be given from outside; volumes and networks are those
/// that are there. A port that the engine chose is the one of now.
pub fn compose_file(container: &Container) -> String {
    let mut out = String::from("services:\n");
    let service: String = container.name.chars().map(|c| if c == '.' { '-' } else { c }).collect();
    let _ = writeln!(out, "  {service}:");
    line(&mut out, "container_name", &container.name);
    line(&mut out, "image", &image(container));
    if let Some(policy) = restart(container.restart) {
        line(&mut out, "restart", &policy);
    }
    if let Some(seconds) = container.stop_timeout {
        line(&mut out, "stop_grace_period", &format!("{seconds}s"));
    }
    if let Some(bytes) = container.memory_limit {
        line(&mut out, "mem_limit", &format!("{bytes}b"));
    }
    if !container.user.is_empty() {
        line(&mut out, "user", &container.user);
    }
    list(&mut out, "environment", container.own_env().map(|(name, value)| variable(name, value)));
    list(&mut out, "ports", container.ports.iter().filter_map(port));
    let mounts = container.mounts.iter().filter(|mount| !matches!(mount.source, MountSource::Other(_)));
    list(&mut out, "volumes", mounts.map(|m| format!("{}:{}{}", m.source_name(), m.at, mode(m.writable))));
    let networks: Vec<&str> = container.networks.iter().map(|n| n.name.as_str()).filter(|n| *n != "bridge").collect();
    list(&mut out, "networks", networks.iter().map(|name| (*name).to_owned()));
    let labels = container.labels.iter().filter(|(name, _)| is_of_people(name));
    list(&mut out, "labels", labels.map(|(name, value)| format!("{name}={value}")));
    let volumes = container.mounts.iter().filter(|mount| matches!(mount.source, MountSource::Volume(_)));
    existing(&mut out, "volumes", volumes.map(Mount::source_name));
    existing(&mut out, "networks", networks.into_iter());
    out
}

/// Pinned to what runs, where a registry has it.
fn image(container: &Container) -> String {
    match &container.image_digest {
        Some(digest) if !container.image.contains('@') => format!("{}@{digest}", container.image),
        Some(_) | None => container.image.clone(),
    }
}

fn restart(policy: RestartPolicy) -> Option<String> {
    match policy {
        RestartPolicy::No => None,
        RestartPolicy::Always => Some("always".into()),
        RestartPolicy::UnlessStopped => Some("unless-stopped".into()),
        RestartPolicy::OnFailure(0) => Some("on-failure".into()),
        RestartPolicy::OnFailure(tries) => Some(format!("on-failure:{tries}")),
    }
}

/// A name alone takes its value from where Compose is called.
fn variable(name: &str, value: &str) -> String {
    if is_plain_variable(name, value) { format!("{name}={value}") } else { name.into() }
}

fn port(port: &crate::container::Port) -> Option<String> {
    let host = port.host.as_ref()?;
    let address = if host.address.contains(':') { format!("[{}]", host.address) } else { host.address.clone() };
    let chosen = if host.port == 0 { String::new() } else { host.port.to_string() };
    Some(format!("{address}:{chosen}:{}", port.container))
}

const fn mode(writable: bool) -> &'static str {
    if writable { "" } else { ":ro" }
}

/// Those of Compose and of the console are made anew by whoever runs the container.
fn is_of_people(label: &str) -> bool {
    !label.starts_with("com.docker.compose.") && !label.starts_with("neo4j-console.") && !label.starts_with("org.")
}

fn line(out: &mut String, key: &str, value: &str) {
    let _ = writeln!(out, "    {key}: {}", quoted(value));
}

fn list(out: &mut String, key: &str, values: impl Iterator<Item = String>) {
    let mut values = values.peekable();
    if values.peek().is_some() {
        let _ = writeln!(out, "    {key}:");
    }
    for value in values {
        let _ = writeln!(out, "      - {}", quoted(&value));
    }
}

/// Not to be made under another name.
fn existing<'a>(out: &mut String, key: &str, names: impl Iterator<Item = &'a str>) {
    let mut names = names.peekable();
    if names.peek().is_some() {
        let _ = writeln!(out, "{key}:");
    }
    for name in names {
        let _ = writeln!(out, "  {}:\n    external: true", quoted(name));
    }
}

/// A string of JSON is one of YAML. Compose takes a dollar for a variable of its own.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text.replace('$', "$$")).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::tests::sample;

    #[test]
    fn what_may_be_secret_is_left_to_be_given_and_nothing_of_a_value_is_taken_for_yaml() {
        let mut container = sample();
        container.env = vec![
            ("NEO4J_AUTH".into(), "neo4j/correct horse".into()),
            ("NEO4J_db_tx__timeout".into(), "10s".into()),
            ("NEO4J_server_jvm_additional".into(), "-Dx=\"$y\"\n: #".into()),
        ];
        container.labels.insert("com.docker.compose.project".into(), "shop".into());
        let file = compose_file(&container);
        assert!(!file.contains("correct horse") && file.contains("      - \"NEO4J_AUTH\"\n"), "{file}");
        assert!(file.contains("      - \"NEO4J_db_tx__timeout=10s\"\n"), "{file}");
        assert!(file.contains(r#""NEO4J_server_jvm_additional=-Dx=\"$$y\"\n: #""#), "{file}");
        assert!(!file.contains("com.docker.compose"), "{file}");
    }
}
