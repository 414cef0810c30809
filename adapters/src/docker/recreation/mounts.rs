//! Volumes nobody named. The engine makes new, empty ones for a new container; it tells the name of the one that is
//! there only in the list of what is mounted. Named as text, it is the same volume again.

use super::text;
use serde_json::{Map, Value, json};

/// Names every volume that is mounted, in `HostConfig`. `mounted`: the engine's list.
pub fn pin_volumes(host: &mut Map<String, Value>, mounted: &Value) {
    let volumes: Vec<&Value> = mounted.as_array().into_iter().flatten().filter(|m| m["Type"] == "volume").collect();
    pin_sources(host, &volumes);
    let mut binds = host.get("Binds").and_then(Value::as_array).cloned().unwrap_or_default();
    // A path alone asks for a nameless volume there.
    binds.retain(|bind| text(bind).contains(':') || !volumes.iter().any(|v| at(v) == clean(text(bind))));
    let elsewhere: Vec<String> = binds.iter().filter_map(|bind| text(bind).split(':').nth(1)).map(clean).collect();
    let targets = host.get("Mounts").and_then(Value::as_array);
    let elsewhere = elsewhere.into_iter().chain(targets.into_iter().flatten().map(|m| clean(text(&m["Target"]))));
    let in_memory = host.get("Tmpfs").and_then(Value::as_object);
    let covered: Vec<String> = elsewhere.chain(in_memory.into_iter().flat_map(Map::keys).map(|at| clean(at))).collect();
    binds.extend(volumes.into_iter().filter(|v| !covered.contains(&at(v))).map(bind));
    if !binds.is_empty() {
        host.insert("Binds".into(), binds.into());
    }
}

/// A mount of a volume may have no source: a nameless one, too.
fn pin_sources(host: &mut Map<String, Value>, volumes: &[&Value]) {
    for mount in host.get_mut("Mounts").and_then(Value::as_array_mut).into_iter().flatten() {
        let nameless = mount["Type"] == "volume" && text(&mount["Source"]).is_empty();
        let found = volumes.iter().find(|v| nameless && at(v) == clean(text(&mount["Target"])));
        if let (Some(found), Some(mount)) = (found, mount.as_object_mut()) {
            mount.insert("Source".into(), found["Name"].clone());
        }
    }
}

fn bind(volume: &Value) -> Value {
    let read_only = if volume["RW"] == json!(false) { ":ro" } else { "" };
    format!("{}:{}{read_only}", text(&volume["Name"]), text(&volume["Destination"])).into()
}

fn at(volume: &Value) -> String {
    clean(text(&volume["Destination"]))
}

/// As the engine compares paths.
fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = vec![];
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}
