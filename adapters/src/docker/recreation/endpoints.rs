//! The networks of the container: what was asked for there, without what the engine gave it.

use super::facts::Facts;
use super::text;
use serde_json::{Map, Value};

/// What the engine fills in itself. Everything else was asked for, also what nobody knows yet.
const GIVEN: [&str; 9] = [
    "EndpointID",
    "NetworkID",
    "Gateway",
    "IPAddress",
    "IPPrefixLen",
    "IPv6Gateway",
    "GlobalIPv6Address",
    "GlobalIPv6PrefixLen",
    "DNSNames",
];

/// A network by its name, and what the container asks for there.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    pub network: String,
    pub settings: Value,
}

/// When it joins which.
#[derive(Debug, Default, PartialEq)]
pub struct Endpoints {
    /// At the creation.
    pub created: Vec<Endpoint>,
    /// Afterwards.
    pub connect: Vec<Endpoint>,
    /// Afterwards, the one the engine connects it to by itself.
    pub leave: Option<String>,
}

/// None where the network is the host's, another's or nothing.
pub fn of(facts: &Facts) -> Endpoints {
    let mode = facts.network_mode();
    if matches!(mode, "host" | "none") || facts.is_in_the_network_of_another() {
        return Endpoints::default();
    }
    // The engine calls its own network so until it tells where the container is.
    let mode = if matches!(mode, "" | "default") { "bridge" } else { mode };
    let none = Map::new();
    let joined = facts.of("NetworkSettings")["Networks"].as_object().unwrap_or(&none);
    let is_first = |name: &str, end: &Value| name == mode || text(&end["NetworkID"]) == mode;
    let mut all: Vec<(bool, Endpoint)> = joined
        .iter()
        .map(|(name, end)| (!is_first(name, end), Endpoint { network: name.clone(), settings: asked(facts, end) }))
        .collect();
    // Stable: by name otherwise.
    all.sort_by_key(|(later, _)| *later);
    let mut created: Vec<Endpoint> = all.into_iter().map(|(_, end)| end).collect();
    let leave = created.is_empty().then(|| mode.to_owned());
    let at_once = if facts.takes_several_networks() { created.len() } else { created.len().min(1) };
    let connect = created.split_off(at_once);
    Endpoints { created, connect, leave }
}

fn asked(facts: &Facts, end: &Value) -> Value {
    let mut settings = end.as_object().cloned().unwrap_or_default();
    settings.retain(|name, _| !GIVEN.contains(&name.as_str()));
    let address = facts.of("Config")["MacAddress"].as_str().filter(|address| !address.is_empty());
    // The container's own is the only sign that somebody asked for it.
    let asked_for =
        facts.takes_several_networks() && address.is_some_and(|a| settings.get("MacAddress") == Some(&a.into()));
    if !asked_for {
        settings.remove("MacAddress");
    }
    if let Some(aliases) = settings.get_mut("Aliases").and_then(Value::as_array_mut) {
        aliases.retain(|alias| text(alias) != facts.short_id());
    }
    settings.into()
}
