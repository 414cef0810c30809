//! From what the engine says of a container to what makes another like it. Pure.

use super::super::memory::Limits;
use super::endpoints::{self, Endpoint, Endpoints};
use super::facts::Facts;
use super::{config, mounts, text};
use domain::change::Difference;
use serde_json::{Map, Value, json};

/// What is sent to the engine.
pub struct Description {
    /// Of `POST /containers/create`.
    pub body: Value,
    /// Afterwards, in this order.
    pub connect: Vec<Endpoint>,
    /// The one the engine connects it to by itself, although the other was taken off it.
    pub leave: Option<String>,
}

impl Description {
    pub fn new(facts: &Facts, differences: &[Difference]) -> Self {
        let Endpoints { created, connect, leave } = endpoints::of(facts);
        let mut body = config::of(facts, differences);
        body.insert("HostConfig".into(), host_config(facts, differences).into());
        if !created.is_empty() {
            let endpoints: Map<String, Value> = created.into_iter().map(|end| (end.network, end.settings)).collect();
            body.insert("NetworkingConfig".into(), json!({ "EndpointsConfig": endpoints }));
        }
        Self { body: body.into(), connect, leave }
    }

    /// All it will be on.
    pub fn networks(&self) -> impl Iterator<Item = &str> {
        let created = self.body["NetworkingConfig"]["EndpointsConfig"].as_object();
        created.into_iter().flat_map(Map::keys).chain(self.connect.iter().map(|end| &end.network)).map(String::as_str)
    }
}

fn host_config(facts: &Facts, differences: &[Difference]) -> Map<String, Value> {
    let mut host = facts.of("HostConfig").as_object().cloned().unwrap_or_default();
    mounts::pin_volumes(&mut host, facts.of("Mounts"));
    if let Some(links) = host.get_mut("Links").and_then(Value::as_array_mut) {
        links.iter_mut().for_each(|link| *link = linked(text(link)).into());
    }
    for difference in differences {
        match difference {
            Difference::MemoryLimit { after, .. } => Limits::of(facts.of("HostConfig")).with(*after).write(&mut host),
            Difference::Image { .. } | Difference::Variable { .. } | Difference::StopTimeout { .. } => {}
        }
    }
    host
}

/// The engine takes `other:alias` and tells `/other:/this/alias`.
fn linked(link: &str) -> String {
    match link.strip_prefix('/').and_then(|link| link.split_once(":/")) {
        Some((other, path)) => format!("{other}:{}", path.rsplit('/').next().unwrap_or(path)),
        None => link.into(),
    }
}
