use super::graph::{answer, cannot_open};
use super::helper::volume_of;
use super::world::{State, World, read_store};
use domain::container::Container;
use std::collections::BTreeMap;

impl World {
    pub fn let_no_copy_open(&self) {
        self.lock().unopenable_copy = true;
    }

    /// A scratch server does not have this procedure, which the live one has.
    pub fn remove_procedure_from_copies(&self, name: &str) {
        self.lock().gone_procedure = Some(name.into());
    }
}

/// The transactional endpoint of a scratch server.
pub fn http(s: &State, container: &Container, command: &[&str]) -> String {
    let url = command.last().copied().unwrap_or_default();
    let database = url.split("/db/").nth(1).and_then(|r| r.split('/').next()).unwrap_or_default();
    let body = command.iter().find_map(|c| c.strip_prefix("--post-data=")).unwrap_or("{}");
    let body: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let empty = super::FakeStore { nodes: 0, relationships: 0, users: BTreeMap::new() };
    let store = |db: &str| {
        volume_of(container, "/data").and_then(|v| read_store(s.volumes.get(&v)?, db)).unwrap_or_else(|| empty.clone())
    };
    let results: Vec<serde_json::Value> = body["statements"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|st| {
            let statement = st["statement"].as_str().unwrap_or_default();
            let mut rows = answer(statement, &store(database), &store("system"), "");
            rows.retain(|row| {
                s.gone_procedure.is_none() || row.get("name").and_then(|n| n.as_str()) != s.gone_procedure.as_deref()
            });
            if s.unopenable_copy {
                cannot_open(statement, &mut rows);
            }
            let columns: Vec<String> = rows.first().map(|r| r.keys().cloned().collect()).unwrap_or_default();
            let data: Vec<_> = rows
                .iter()
                .map(|r| serde_json::json!({ "row": columns.iter().map(|c| r[c].clone()).collect::<Vec<_>>() }))
                .collect();
            serde_json::json!({ "columns": columns, "data": data })
        })
        .collect();
    serde_json::json!({ "results": results, "errors": [] }).to_string()
}
