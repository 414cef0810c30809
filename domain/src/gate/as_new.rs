//! Gates of a restore as a new deployment: a second server beside the one that runs. Nothing is stopped and nothing set
//! aside, so other things must hold: a free name, room for one copy, and memory for two servers.

use super::{Gate, GateInput, edition, format, gate, key, origin, read_back, room_for_copy, trust, version};
use crate::backup::Manifest;
use crate::deployment::DeploymentName;
use crate::helper::BESIDE;
use crate::memory::Memory;
use crate::text::{Tone, file_size, memory_size};

/// Besides heap and page cache: the JVM itself, its threads and Lucene.
const JVM: u64 = 512 << 20;

/// What is wanted, as far as it is known: the pages show the gates before a name was typed and before anything was
/// measured.
#[derive(Debug, Clone, Default)]
pub struct NewServer<'a> {
    pub name: Option<&'a DeploymentName>,
    /// What has the name or the volume's name already, as words.
    pub name_in_use: Option<String>,
    pub include_users: Option<bool>,
    /// Of the live server, whose settings the new one gets.
    pub memory: Memory,
    /// Bytes of the host's memory that can be had beside what runs now.
    pub free_memory: Option<u64>,
}

/// `s.room`: free where the new volume will lie; used by the present data.
pub fn gates_as_new(s: &GateInput<'_>, new: &NewServer<'_>) -> Vec<Gate> {
    let name = new.name.map(|name| free_name(name, new.name_in_use.as_deref()));
    let users = new.include_users.map(|users| databases(s.manifest, users));
    let known = [read_back(s), source(s), origin(s), edition(s), version(s), format(s)];
    known.into_iter().chain(name).chain(users).chain([space(s), memory(new)]).chain(key(s)).chain(trust(s)).collect()
}

fn source(s: &GateInput<'_>) -> Gate {
    let name = "The server can be copied";
    match s.container {
        None => gate(
            name,
            Tone::Bad,
            "Its container no longer exists, and the new server needs its image and settings. Recreate it where it was \
             created.",
        ),
        Some(_) => match s.data_elsewhere() {
            Some(why) => gate(name, Tone::Bad, why),
            None => gate(
                name,
                Tone::Good,
                "The new server gets its image, its settings and its networks. It is neither stopped nor changed.",
            ),
        },
    }
}

fn free_name(wanted: &DeploymentName, taken: Option<&str>) -> Gate {
    let name = "The name is free";
    match taken {
        Some(what) => gate(name, Tone::Bad, format!("{what} Choose another name.")),
        None => gate(name, Tone::Good, format!("The name {wanted} is available.")),
    }
}

/// Without `system` a server knows only its default database.
fn databases(manifest: &Manifest, include_users: bool) -> Gate {
    let name = "Databases";
    match manifest.databases.len() {
        2.. if !include_users => gate(
            name,
            Tone::Bad,
            "The backup has several databases. The list of databases is part of the system database: also restore the \
             Neo4j users.",
        ),
        _ => gate(name, Tone::Good, "The new server will have what is in the backup."),
    }
}

fn space(s: &GateInput<'_>) -> Gate {
    let name = "Free space";
    let Some(room) = s.room else {
        return gate(
            name,
            Tone::Warn,
            "The free space for the new volume is not known yet. It is measured before anything is made.",
        );
    };
    // Dumps and the new volume lie where Docker keeps its own; nothing is kept beside them.
    let (needed, free) = (room_for_copy(s.manifest, room.used), room.free_in_docker());
    let (tone, more) =
        if free < needed { (Tone::Bad, " Free some space on the Docker host.") } else { (Tone::Good, "") };
    gate(name, tone, format!("It needs {}, {} are free.{more}", file_size(needed), file_size(free)))
}

/// What a second server with these settings may take. Where heap or page cache is not set, what a copy of the console's
/// takes: the JVM takes more only when it is used.
pub fn memory_needed(memory: &Memory) -> u64 {
    memory.configured().map_or(BESIDE, |set| set + JVM).max(BESIDE)
}

fn memory(new: &NewServer<'_>) -> Gate {
    let name = "Free memory";
    let needed = memory_needed(&new.memory);
    match new.free_memory {
        None => gate(
            name,
            Tone::Warn,
            format!(
                "A second server may need {} beside the one that runs. What is free is measured before anything is made.",
                memory_size(needed)
            ),
        ),
        Some(free) if free < needed => gate(
            name,
            Tone::Bad,
            format!(
                "A second server may need {} (heap, page cache and the JVM), {} are available. Stop something else on \
                 the Docker host, or lower heap and page cache of this deployment first.",
                memory_size(needed),
                memory_size(free)
            ),
        ),
        Some(free) => gate(
            name,
            Tone::Good,
            format!("A second server may need {}, {} are available.", memory_size(needed), memory_size(free)),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup;
    use crate::backup::tests::manifest;
    use crate::container::tests::sample;
    use crate::deployment::Room;
    use crate::image::{Edition, Version};

    const GIB: u64 = 1 << 30;

    fn red(change: impl FnOnce(&mut Manifest, &mut NewServer<'_>, &mut Option<Room>)) -> Vec<String> {
        let (mut m, c) = (manifest(), sample());
        let mut room = Some(Room { used: 100, free: 1_000_000, total: 2_000_000, docker: None });
        let (deployment, wanted) =
            (DeploymentName::parse("sales").expect("name"), DeploymentName::parse("sales-copy").expect("name"));
        let memory = Memory { heap: Some(GIB), page_cache: Some(GIB), limit: None };
        let mut new = NewServer {
            name: Some(&wanted),
            name_in_use: None,
            include_users: Some(false),
            memory,
            free_memory: Some(4 * GIB),
        };
        change(&mut m, &mut new, &mut room);
        let (version, edition) = (Some(Version::new(5, 26, 5)), Some(Edition::Community));
        let s = GateInput {
            manifest: &m,
            state: backup::State::Verified,
            origin: backup::Origin::Own,
            deployment: &deployment,
            container: Some(&c),
            version,
            edition,
            room,
            identity_need: crate::gate::IdentityNeed::NotNeeded,
        };
        gates_as_new(&s, &new).into_iter().filter(|g| g.tone == Tone::Bad).map(|g| g.name).collect()
    }

    #[test]
    fn a_free_name_with_room_and_memory_passes() {
        assert_eq!(red(|_, _, _| {}), Vec::<String>::new());
        assert_eq!(
            red(|_, new, room| (*new, *room) = (NewServer::default(), None)),
            Vec::<String>::new(),
            "what is not known yet does not stop"
        );
    }

    #[test]
    fn each_gate_stops_what_it_is_there_for() {
        assert_eq!(
            red(|_, new, _| new.name_in_use = Some("There is a container of this name.".into())),
            ["The name is free"]
        );
        assert_eq!(
            red(|_, _, room| *room = Some(Room { used: 100, free: 90, total: 200, docker: None })),
            ["Free space"]
        );
        assert_eq!(red(|_, new, _| new.free_memory = Some(2 * GIB)), ["Free memory"]);
        let twice = |m: &mut Manifest| m.databases.push(m.databases[0].clone());
        assert!(red(|m, _, _| twice(m)).contains(&"Databases".to_string()));
        assert!(!red(|m, new, _| (twice(m), new.include_users = Some(true)).0).contains(&"Databases".to_string()));
    }

    #[test]
    fn a_second_server_needs_what_the_first_may_take_and_the_jvm() {
        assert_eq!(memory_needed(&Memory { heap: Some(GIB), page_cache: Some(GIB), limit: None }), 2 * GIB + JVM);
        assert_eq!(memory_needed(&Memory::default()), BESIDE);
    }
}
