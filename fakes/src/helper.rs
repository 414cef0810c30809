//! What helper containers do, in memory.

use super::dump::{dump_bytes, undump};
use super::world::{Fake, State, read_store, store_path};
use domain::container::{Container, MountSource};
use domain::database::DatabaseName;
use domain::helper::{HelperCommand, VOLUME};

/// From the volume's root.
const ASIDE: &str = "/.neo4j-console";

/// The volume mounted at this path; none for a directory of the host.
pub fn volume_of(container: &Container, at: &str) -> Option<String> {
    match &container.mount_at(at)?.source {
        MountSource::Volume(v) => Some(v.0.clone()),
        MountSource::Bind(_) | MountSource::Other(_) => None,
    }
}

/// Does what the helper's script would do; the code it ends with and its output.
pub fn carry_out(s: &mut State, container: &Container, act: &HelperCommand) -> (i64, String) {
    if let Some(failed) = s.failed(act) {
        return failed;
    }
    let data = volume_of(container, "/data").unwrap_or_default();
    let volume = volume_of(container, VOLUME).unwrap_or_default();
    let staging = volume_of(container, "/staging").unwrap_or_default();
    match act {
        HelperCommand::TestAccess { databases } => {
            let missing = databases.iter().find(|db| !holds(s, &data, &format!("/databases/{db}")));
            return (0, missing.map_or_else(|| s.access.clone(), |db| format!("no databases/{db} is not there")));
        }
        HelperCommand::ValidateConfig { .. } => return (0, "Configuration file validation successful.".into()),
        HelperCommand::FreeMemory => return (0, s.free_memory.to_string()),
        HelperCommand::Remove { databases } => {
            let volume = s.volumes.entry(data).or_default();
            for db in databases {
                volume.retain(|path, _| {
                    !path.starts_with(&format!("/databases/{db}/"))
                        && !path.starts_with(&format!("/transactions/{db}/"))
                });
            }
        }
        HelperCommand::Measure => return (0, s.measured()),
        HelperCommand::Dump { databases } => return dump(s, (&data, ""), &staging, databases),
        HelperCommand::TestClone { .. } => return (0, s.cloning.clone()),
        HelperCommand::Clone { clone } => return clone_stores(s, &volume, clone),
        HelperCommand::DumpClone { clone, databases } => {
            return dump(s, (&volume, &format!("{ASIDE}/{clone}")), &staging, databases);
        }
        HelperCommand::RemoveClone { clone } => {
            let prefix = format!("{ASIDE}/{clone}");
            s.volumes.entry(volume).or_default().retain(|path, _| !path.starts_with(&prefix));
        }
        HelperCommand::Load { databases } => {
            let mut info = String::new();
            for db in databases {
                let dump = s.volumes.get(&staging).and_then(|v| v.get(&format!("/dumps/{db}.dump"))).cloned();
                let Some(store) = dump.and_then(|d| undump(&d)) else {
                    return (1, format!("Not a valid Neo4j archive: {db}.dump"));
                };
                let volume = s.volumes.entry(data.clone()).or_default();
                volume.insert(store_path(db.as_str()), store);
                volume.insert(format!("/transactions/{db}/log"), vec![0]);
                let last = read_store(volume, db.as_str()).map_or(0, |store| store.nodes + store.relationships);
                info += &format!("Database name:   {db}\nLast committed transaction id:{last}\n");
            }
            return (0, info);
        }
        HelperCommand::Check { databases }
            if databases.iter().any(|db| s.volumes.get(&data).and_then(|v| read_store(v, db.as_str())).is_none()) =>
        {
            return (1, "inconsistent".into());
        }
        HelperCommand::SetAside { aside, databases, .. } => {
            rename(s, &data, databases, "", &format!("{ASIDE}/{aside}"));
        }
        HelperCommand::PutBack { aside, databases, keep } => {
            return put_back(s, &data, databases, &format!("{ASIDE}/{aside}"), keep.as_deref());
        }
        HelperCommand::LookAside { aside, databases } => return (0, look_aside(s, &data, aside, databases)),
        HelperCommand::BringBack { aside, databases } => return bring_back(s, &data, aside, databases),
        HelperCommand::CopyAside { aside, databases } => copy_aside(s, &data, aside, databases),
        HelperCommand::RemoveAside { aside } => {
            let prefix = format!("/.neo4j-console/{aside}/");
            let files = s.volumes.entry(data).or_default();
            let freed: usize =
                files.iter().filter(|(path, _)| path.starts_with(&prefix)).map(|(_, content)| content.len()).sum();
            files.retain(|path, _| !path.starts_with(&prefix));
            return (0, format!("bytes {freed}"));
        }
        HelperCommand::Hold | HelperCommand::Check { .. } | HelperCommand::Serve { .. } => {}
    }
    (0, String::new())
}

/// From the stores below `from` of a volume.
fn dump(s: &mut State, (volume, from): (&str, &str), staging: &str, databases: &[DatabaseName]) -> (i64, String) {
    for db in databases {
        let Some(store) =
            s.volumes.get(volume).and_then(|v| v.get(&format!("{from}{}", store_path(db.as_str())))).cloned()
        else {
            return (1, format!("Database does not exist: {db}"));
        };
        s.volumes.entry(staging.into()).or_default().insert(format!("/dumps/{db}.dump"), dump_bytes(&store));
    }
    (0, String::new())
}

fn clone_stores(s: &mut State, volume: &str, clone: &str) -> (i64, String) {
    let running = |f: &Fake| {
        f.act.is_none() && f.container.run.is_running() && volume_of(&f.container, "/data").as_deref() == Some(volume)
    };
    assert!(s.stranger_came || !s.containers.values().any(running), "a store is cloned while its server runs");
    let files = s.volumes.entry(volume.into()).or_default();
    let stores: Vec<_> = files
        .iter()
        .filter(|(path, _)| path.starts_with("/databases/") || path.starts_with("/transactions/"))
        .collect();
    let cloned: Vec<_> =
        stores.into_iter().map(|(path, content)| (format!("{ASIDE}/{clone}{path}"), content.clone())).collect();
    files.extend(cloned);
    (0, String::new())
}

fn rename(s: &mut State, volume: &str, databases: &[DatabaseName], from: &str, to: &str) {
    let files = s.volumes.entry(volume.into()).or_default();
    for db in databases {
        for kind in ["databases", "transactions"] {
            let (old, new) = (format!("{from}/{kind}/{db}/"), format!("{to}/{kind}/{db}/"));
            let setting_aside = from.is_empty();
            let moving: Vec<String> = files.keys().filter(|p| p.starts_with(&old)).cloned().collect();
            if moving.is_empty() || (setting_aside && files.keys().any(|p| p.starts_with(&new))) {
                continue;
            }
            files.retain(|p, _| !p.starts_with(&new));
            for path in moving {
                let content = files.remove(&path).unwrap_or_default();
                files.insert(path.replacen(&old, &new, 1), content);
            }
        }
    }
}

fn put_back(s: &mut State, volume: &str, databases: &[DatabaseName], aside: &str, keep: Option<&str>) -> (i64, String) {
    if let Some(keep) = keep {
        let in_the_way: Vec<DatabaseName> =
            databases.iter().filter(|db| holds(s, volume, &format!("{aside}/databases/{db}"))).cloned().collect();
        rename(s, volume, &in_the_way, "", &format!("{ASIDE}/{keep}"));
    }
    rename(s, volume, databases, aside, "");
    (
        0,
        if keep.is_some_and(|keep| holds(s, volume, &format!("{ASIDE}/{keep}"))) {
            "kept".into()
        } else {
            String::new()
        },
    )
}

/// Whether a directory of this volume has anything in it.
fn holds(s: &State, volume: &str, directory: &str) -> bool {
    s.volumes.get(volume).is_some_and(|files| files.keys().any(|path| path.starts_with(&format!("{directory}/"))))
}

fn directories(databases: &[DatabaseName]) -> Vec<String> {
    databases.iter().flat_map(|db| ["databases", "transactions"].map(|kind| format!("{kind}/{db}"))).collect()
}

fn look_aside(s: &State, volume: &str, aside: &str, databases: &[DatabaseName]) -> String {
    let missing = directories(databases).into_iter().filter(|d| !holds(s, volume, &format!("{ASIDE}/{aside}/{d}")));
    missing.map(|d| format!("missing {d}\n")).chain(["bytes 1000\n".to_string()]).collect()
}

fn copy_aside(s: &mut State, volume: &str, aside: &str, databases: &[DatabaseName]) {
    for directory in directories(databases) {
        if holds(s, volume, &format!("/{directory}")) {
            continue;
        }
        let prefix = format!("{ASIDE}/{aside}/{directory}");
        let files = s.volumes.entry(volume.into()).or_default();
        let copied: Vec<_> = files
            .iter()
            .filter_map(|(path, content)| {
                Some((format!("/{directory}{}", path.strip_prefix(&prefix)?), content.clone()))
            })
            .collect();
        files.extend(copied);
    }
}

fn bring_back(s: &mut State, volume: &str, aside: &str, databases: &[DatabaseName]) -> (i64, String) {
    for directory in directories(databases) {
        let (set_aside, in_place) =
            (holds(s, volume, &format!("{ASIDE}/{aside}/{directory}")), holds(s, volume, &format!("/{directory}")));
        if set_aside == in_place {
            return (1, format!("{directory} is {}", if in_place { "in its place" } else { "lost" }));
        }
    }
    rename(s, volume, databases, &format!("{ASIDE}/{aside}"), "");
    (0, String::new())
}
