//! What runs in the container: its image, environment, command, labels. The engine tells what somebody asked for and
//! what the image says as one; they are taken apart only where the image changes, so that the new one's defaults apply.

use super::facts::{Facts, new_image};
use super::text;
use domain::change::Difference;
use serde_json::{Map, Value, json};

/// What counts as a whole: the image's when nobody asked for another.
const WHOLE: [&str; 4] = ["WorkingDir", "User", "StopSignal", "Shell"];
/// What counts entry by entry: the engine adds the image's to what was asked for.
const ENTRIES: [&str; 4] = ["Labels", "Volumes", "ExposedPorts", "Healthcheck"];

/// All of `Config`, as the new container gets it.
pub fn of(facts: &Facts, differences: &[Difference]) -> Map<String, Value> {
    let mut config = facts.of("Config").as_object().cloned().unwrap_or_default();
    let image = &facts.image["Config"];
    if differences.iter().any(|difference| new_image(difference).is_some()) {
        subtract(&mut config, image, facts);
    } else {
        keep_no_entrypoint(&mut config, image);
    }
    drop_what_is_refused(&mut config, facts);
    config.insert("Image".into(), facts.image_words.as_str().into());
    for difference in differences {
        match difference {
            Difference::Variable { name, after, .. } => set_variable(&mut config, name, after.as_deref()),
            Difference::StopTimeout { after, .. } => match after {
                Some(seconds) => drop(config.insert("StopTimeout".into(), (*seconds).into())),
                None => drop(config.remove("StopTimeout")),
            },
            Difference::Image { .. } | Difference::MemoryLimit { .. } => {}
        }
    }
    config
}

/// Takes away what the container has only because its image says so.
fn subtract(config: &mut Map<String, Value>, image: &Value, facts: &Facts) {
    for key in WHOLE {
        if config.get(key) == image.get(key) {
            config.remove(key);
        }
    }
    for key in ENTRIES {
        let (Some(own), Some(of_image)) = (config.get_mut(key).and_then(Value::as_object_mut), image[key].as_object())
        else {
            continue;
        };
        // The engine publishes no port that is not exposed, whatever is bound.
        let bound = &facts.of("HostConfig")["PortBindings"];
        let asked_for = |name: &str| key == "ExposedPorts" && bound.get(name).is_some();
        own.retain(|name, value| of_image.get(name) != Some(value) || asked_for(name));
        // An empty health check would say that there is none.
        if own.is_empty() {
            config.remove(key);
        }
    }
    if let Some(env) = config.get_mut("Env").and_then(Value::as_array_mut) {
        env.retain(|pair| image["Env"].as_array().is_none_or(|of_image| !of_image.contains(pair)));
    }
    subtract_command(config, image);
}

/// The engine takes the image's command only together with its entrypoint.
fn subtract_command(config: &mut Map<String, Value>, image: &Value) {
    let is_the_images = |key: &str| words(config.get(key)) == words(image.get(key));
    match (is_the_images("Entrypoint"), is_the_images("Cmd")) {
        (true, true) => {
            config.remove("Entrypoint");
            config.remove("Cmd");
        }
        (true, false) if !words(config.get("Cmd")).is_empty() => drop(config.remove("Entrypoint")),
        // None was asked for, where the image has one: only with an entrypoint of its own.
        (true, false) => {}
        (false, _) => keep_no_entrypoint(config, image),
    }
}

/// Somebody asked for none, where the image has one: the engine then tells none, takes none for the image's, and takes
/// one empty word for none.
fn keep_no_entrypoint(config: &mut Map<String, Value>, image: &Value) {
    if words(config.get("Entrypoint")).is_empty() && !words(image.get("Entrypoint")).is_empty() {
        config.insert("Entrypoint".into(), json!([""]));
    }
}

fn words(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// The engine fills in what it then does not take back (docs/neo4j-facts.md: Recreating).
fn drop_what_is_refused(config: &mut Map<String, Value>, facts: &Facts) {
    let hosts_name = text(&facts.of("HostConfig")["UTSMode"]) == "host";
    let own_id = config.get("Hostname").map(text) == Some(facts.short_id());
    if own_id || hosts_name || facts.is_in_the_network_of_another() {
        config.remove("Hostname");
    }
    if facts.is_in_the_network_of_another() {
        // They are the image's: with any of its own it could not have been made.
        config.remove("ExposedPorts");
    }
    if facts.takes_several_networks() {
        // It stands with its network there.
        config.remove("MacAddress");
    }
}

/// In its place if it is there, else at the end. The engine adds a variable of the image that is taken away here.
fn set_variable(config: &mut Map<String, Value>, name: &str, value: Option<&str>) {
    let before = config.get("Env").and_then(Value::as_array).cloned().unwrap_or_default();
    let is_it = |pair: &Value| text(pair).split('=').next() == Some(name);
    let mut new = value.map(|value| Value::from(format!("{name}={value}")));
    let mut env: Vec<Value> =
        before.into_iter().filter_map(|pair| if is_it(&pair) { new.take() } else { Some(pair) }).collect();
    env.extend(new);
    config.insert("Env".into(), env.into());
}
