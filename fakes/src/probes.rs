//! Probe queries: on a server, and on a copy over its transactional endpoint.

use super::world::{State, World};
use domain::probe_result::Ran;
use ports::GraphError;
use serde_json::{Value, json};

pub(super) const TODAY: usize = 0;
const COPY: usize = 1;
/// What is asked for there and nowhere else.
pub(super) const EVENTS: &str = "--header=Accept: application/vnd.neo4j.jolt-v2+json-seq";

impl World {
    /// What comes of a query today, and on a copy; of others three rows in five milliseconds.
    pub fn answer_probe(&self, text: &str, today: Result<Ran, &str>, copy: Result<Ran, &str>) {
        self.lock().probes.insert(text.into(), [today, copy].map(|side| side.map_err(str::to_owned)));
    }
}

/// Where it may only read.
pub(super) fn run(s: &State, text: &str, side: usize) -> Result<Ran, GraphError> {
    let refused = |code: &str, message: &str| GraphError::Refused { code: code.into(), message: message.into() };
    if ["CREATE", "SET", "DELETE", "MERGE"].iter().any(|word| text.split_whitespace().any(|w| w == *word)) {
        return Err(refused("Neo.ClientError.Statement.AccessMode", "Writing in read access mode not allowed."));
    }
    match s.probes.get(text) {
        Some(sides) => sides[side].clone().map_err(|why| refused("Neo.ClientError.Statement.SyntaxError", &why)),
        None => Ok(Ran { rows: 3, millis: 5 }),
    }
}

/// The events of a scratch server.
pub(super) fn inside(s: &State, command: &[&str]) -> String {
    let body = command.iter().find_map(|c| c.strip_prefix("--post-data=")).unwrap_or("{}");
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let clock =
        |at: u64| vec![json!({ "header": { "fields": ["clock"] } }), json!({ "data": [format!("clock {at}")] })];
    let mut events = clock(1_000);
    match run(s, body["statements"][1]["statement"].as_str().unwrap_or_default(), COPY) {
        Ok(ran) => {
            events.push(json!({ "header": { "fields": ["x"] } }));
            events.extend((0..ran.rows).map(|_| json!({ "data": [] })));
            events.extend(clock(1_000 + ran.millis));
        }
        Err(error) => {
            let message = match error {
                GraphError::Refused { message, .. } => message,
                other => other.to_string(),
            };
            events.push(json!({ "error": { "errors": [{ "code": "x", "message": message }] } }));
        }
    }
    events.iter().map(|event| format!("\u{1e}{event}\n")).collect()
}
