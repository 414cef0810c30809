//! Two descriptions of the engine, compared field by field.

use serde_json::{Map, Value};

/// What differs between any two containers, also of the same options.
const OWN: [&str; 18] = [
    "Id",
    "Name",
    "Created",
    "State",
    "RestartCount",
    "LogPath",
    "HostnamePath",
    "HostsPath",
    "ResolvConfPath",
    "GraphDriver.Data",
    "NetworkSettings.SandboxID",
    "NetworkSettings.SandboxKey",
    "NetworkSettings.Ports",
    // Of the engine's own network, while it runs.
    "NetworkSettings.EndpointID",
    "NetworkSettings.IPAddress",
    "NetworkSettings.IPPrefixLen",
    "NetworkSettings.Gateway",
    "NetworkSettings.MacAddress",
];
/// The same, of each network.
const GIVEN: [&str; 9] = [
    "EndpointID",
    "NetworkID",
    "Gateway",
    "IPAddress",
    "IPPrefixLen",
    "IPv6Gateway",
    "GlobalIPv6Address",
    "GlobalIPv6PrefixLen",
    "MacAddress",
];

/// Without them, in one order, and with nameless volumes named as a recreation names them: that is what it is for.
pub fn comparable(document: &Value) -> Value {
    let mut all = document.clone();
    let short_id = all["Id"].as_str().expect("an id")[..12].to_string();
    let name = all["Name"].as_str().expect("a name").to_string();
    let hostname = all["Config"]["Hostname"].clone();
    for path in OWN {
        remove(&mut all, path);
    }
    for end in all["NetworkSettings"]["Networks"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        GIVEN.iter().for_each(|key| remove(end, key));
        // The engine adds the id and, once it runs, the host name.
        let mut aliases = end["Aliases"].as_array().cloned().unwrap_or_default();
        aliases.retain(|alias| *alias != short_id && *alias != hostname);
        end["Aliases"] = aliases.into();
    }
    // In the network of another it is the other's, from the first start on.
    let is_inside = all["HostConfig"]["NetworkMode"].as_str().is_some_and(|mode| mode.starts_with("container:"));
    if hostname == short_id || is_inside {
        all["Config"]["Hostname"] = "its id".into();
    }
    for link in all["HostConfig"]["Links"].as_array_mut().into_iter().flatten() {
        let written = link.as_str().unwrap_or_default();
        *link = written.replace(&format!(":{name}/"), ":/its name/").into();
    }
    name_volumes(&mut all);
    all
}

fn remove(value: &mut Value, path: &str) {
    match path.split_once('.') {
        Some((first, rest)) => remove(&mut value[first], rest),
        None => drop(value.as_object_mut().and_then(|all| all.remove(path))),
    }
}

fn name_volumes(all: &mut Value) {
    let mut mounts = all["Mounts"].as_array().cloned().unwrap_or_default();
    // The engine lists them in another order each time.
    mounts.sort_by_key(|mount| mount["Destination"].to_string());
    let mut binds = all["HostConfig"]["Binds"].as_array().cloned().unwrap_or_default();
    // A path alone asks for a nameless volume there.
    binds.retain(|bind| bind.as_str().is_some_and(|bind| bind.contains(':')));
    for mount in &mut mounts {
        if mount["Type"] != "volume" {
            continue;
        }
        // Of a nameless one it is empty; written as a bind it is `z` or `ro`, which without SELinux means nothing more.
        mount["Mode"] = Value::Null;
        let (name, at) =
            (mount["Name"].as_str().unwrap_or_default(), mount["Destination"].as_str().unwrap_or_default());
        let with_source = all["HostConfig"]["Mounts"].as_array_mut().into_iter().flatten();
        let found = with_source.filter(|m| m["Target"] == at).map(|m| m["Source"] = name.into()).count() > 0;
        let bind = format!("{name}:{at}");
        if !found && !binds.iter().any(|b| b.as_str().is_some_and(|b| b.starts_with(&bind))) {
            let mode = if mount["RW"] == Value::Bool(false) { ":ro" } else { "" };
            binds.push(format!("{bind}{mode}").into());
        }
    }
    binds.sort_by_key(Value::to_string);
    all["HostConfig"]["Binds"] = binds.into();
    all["Mounts"] = mounts.into();
}

/// `path: before → after` of every leaf that is not the same, in order.
pub fn differences(before: &Value, after: &Value) -> Vec<String> {
    let mut found = vec![];
    collect("", before, after, &mut found);
    found.sort();
    found
}

fn collect(path: &str, before: &Value, after: &Value, found: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                collect(&path, before.get(key).unwrap_or(&Value::Null), after.get(key).unwrap_or(&Value::Null), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (at, (a, b)) in a.iter().zip(b).enumerate() {
                collect(&format!("{path}: the {}th", at + 1), a, b, found);
            }
        }
        _ if before == after => {}
        _ => found.push(format!("{path}: {before} → {after}")),
    }
}
