//! Probe queries inside a scratch server without a network, measured as over Bolt: by the server's own clock before and
//! after, in one session that may only read. Starting a program in the container is not in it.

use domain::container::ContainerId;
use domain::probe_query::ProbeQuery;
use domain::probe_result::Ran;
use domain::statements::CLOCK;
use ports::ContainerEngine;
use serde_json::{Value, json};
use std::time::Duration;

/// One line an event, and one event a row. Rows are emptied there: what a query answers stays where it is, and many
/// rows fit into what is read of a command's output.
const SCRIPT: &str = r#"wget -q -O - "$@" | LC_ALL=C sed '/{"data":\["clock /!s/{"data":.*/{"data":[]}/'"#;
const EVENTS: &str = "--header=Accept: application/vnd.neo4j.jolt-v2+json-seq";

/// How it ran, or why it did not, as a sentence.
pub async fn run_inside(
    engine: &dyn ContainerEngine,
    id: &ContainerId,
    probe: &ProbeQuery,
    limit: Duration,
) -> Result<Ran, String> {
    let statement = |text: &str| json!({ "statement": text });
    let all = [CLOCK.text(), probe.query.as_str(), CLOCK.text()].map(statement);
    let post = format!("--post-data={}", json!({ "statements": all }));
    let url = format!("http://localhost:7474/db/{}/tx/commit", probe.database);
    let json = "--header=Content-Type: application/json";
    let command = ["sh", "-c", SCRIPT, "sh", json, EVENTS, "--header=access-mode: READ", &post, &url];
    // The engine names the limit where it is what ended it.
    let done = engine.exec(id, &command, limit).await.map_err(|error| error.to_string())?;
    read(&done.output)
}

fn read(output: &str) -> Result<Ran, String> {
    let (mut statement, mut rows, mut clocks) = (0, 0, Vec::new());
    for line in output.lines() {
        let Ok(event) = serde_json::from_str::<Value>(line.trim_start_matches('\u{1e}')) else { continue };
        if event.get("header").is_some() {
            statement += 1;
        } else if let Some(data) = event.get("data") {
            match statement {
                2 => rows += 1,
                _ => clocks.extend(clock(data)),
            }
        } else if let Some(error) = event.pointer("/error/errors/0/message") {
            return Err(error.as_str().unwrap_or("Neo4j gave no message.").into());
        }
    }
    match clocks.as_slice() {
        [began, ended] => Ok(Ran { rows, millis: u64::saturating_sub(*ended, *began) }),
        _ if rows > 0 => Err("it has more rows than the console counts: give it a LIMIT".into()),
        _ => Err("the scratch server did not answer".into()),
    }
}

fn clock(data: &Value) -> Option<u64> {
    data.get(0)?.as_str()?.strip_prefix("clock ")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As 5.15 and 2026.05 print it.
    #[test]
    fn events_of_a_scratch_server_are_read() {
        let clock = |at: u64| {
            format!(
                "\u{1e}{{\"header\":{{\"fields\":[\"clock\"]}}}}\n\u{1e}{{\"data\":[\"clock {at}\"]}}\n\u{1e}{{\"summary\":{{}}}}\n"
            )
        };
        let two = "\u{1e}{\"header\":{\"fields\":[\"x\"]}}\n\u{1e}{\"data\":[]}\n\u{1e}{\"data\":[\"clock 7\"]}\n\u{1e}{\"summary\":{}}\n";
        assert_eq!(read(&format!("{}{two}{}", clock(1_000), clock(1_250))), Ok(Ran { rows: 2, millis: 250 }));
        let error = "\u{1e}{\"error\":{\"errors\":[{\"code\":\"Neo.ClientError.X\",\"message\":\"no such thing\"}]}}\n";
        assert_eq!(read(&format!("{}{error}", clock(1_000))), Err("no such thing".into()));
        assert!(read(&format!("{}{two}", clock(1_000))).is_err_and(|why| why.contains("LIMIT")));
        assert!(read("").is_err());
    }
}
