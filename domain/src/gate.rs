//! Gates of a restore: what must hold before anything is touched. Each is green or red, with what to do.

mod as_new;
mod check;

pub use as_new::{NewServer, gates_as_new, memory_needed};
pub use check::RestoreCheck;

use crate::backup::{self, Manifest, Origin};
use crate::container::{Container, Owner};
use crate::deployment::{DeploymentName, Room};
use crate::image::{Edition, Version, data_path};
use crate::storage::{self, Unusable};
use crate::text::{Tone, file_size};
use serde::{Deserialize, Serialize};

/// One precondition of a restore, and whether it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// The question, for example "Same edition".
    pub name: String,
    /// Good, Warn (may go on) or Bad (stops).
    pub tone: Tone,
    pub says: String,
}

/// Whether an age identity is needed to read the backup, and whether there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityNeed {
    /// No copy that may be whole is encrypted.
    NotNeeded,
    /// Some are; the others need none.
    Optional,
    /// All are, and the next step asks for the identity.
    AskedLater,
    /// All are, and there is none.
    Missing,
    /// All are, and there is an identity.
    Given,
}

impl IdentityNeed {
    /// `copies`: where nothing is known against them, whether each is encrypted.
    pub fn of(copies: impl IntoIterator<Item = bool>) -> Self {
        let (mut plain, mut encrypted) = (false, false);
        copies.into_iter().for_each(|is_encrypted| if is_encrypted { encrypted = true } else { plain = true });
        match (encrypted, plain) {
            (false, _) => Self::NotNeeded,
            (true, true) => Self::Optional,
            (true, false) => Self::Missing,
        }
    }
}

/// Input of the gates.
#[derive(Debug, Clone)]
pub struct GateInput<'a> {
    pub manifest: &'a Manifest,
    pub state: backup::State,
    pub origin: Origin,
    pub deployment: &'a DeploymentName,
    pub container: Option<&'a Container>,
    pub version: Option<Version>,
    pub edition: Option<Edition>,
    pub room: Option<Room>,
    pub identity_need: IdentityNeed,
}

impl GateInput<'_> {
    /// Why neither this server nor another with its settings can be restored, when its data is not in `/data`.
    fn data_elsewhere(&self) -> Option<String> {
        match storage::data(self.container?) {
            Err(why @ Unusable::Moved(_)) => {
                Some(format!("{} This console restores only deployments with data in /data.", why.what()))
            }
            Err(_) | Ok(_) => None,
        }
    }
}

/// The preconditions of a restore in place.
pub fn gates(s: &GateInput<'_>) -> Vec<Gate> {
    let mut all = vec![read_back(s), container(s), origin(s), edition(s), version(s), format(s), space(s)];
    all.extend(key(s));
    all.extend(trust(s));
    all
}

/// Whether nothing stops the restore.
pub fn all_pass(gates: &[Gate]) -> bool {
    gates.iter().all(|g| g.tone != Tone::Bad)
}

fn gate(name: &str, tone: Tone, says: impl Into<String>) -> Gate {
    Gate { name: name.into(), tone, says: says.into() }
}

fn read_back(s: &GateInput<'_>) -> Gate {
    let name = "The backup is whole";
    if let Err(why) = s.manifest.check() {
        return gate(name, Tone::Bad, why);
    }
    match s.state {
        backup::State::Verified => {
            gate(name, Tone::Good, "It was read back when it was made. The restore reads it again first.")
        }
        backup::State::Unread => gate(
            name,
            Tone::Warn,
            "It was found by a scan and not read back yet. The restore reads it first and touches nothing if it is not whole.",
        ),
        backup::State::Broken => gate(name, Tone::Bad, "A part is missing or changed. Choose another backup."),
    }
}

fn container(s: &GateInput<'_>) -> Gate {
    let name = "The server can be stopped and started";
    let Some(c) = s.container else {
        return gate(
            name,
            Tone::Bad,
            "Its container no longer exists. Recreate it where it was created, then restore.",
        );
    };
    if let Some(why) = s.data_elsewhere() {
        return gate(name, Tone::Bad, why);
    }
    if c.auto_remove {
        return gate(name, Tone::Bad, "It was run with --rm: a stop removes it. Recreate it without --rm.");
    }
    match storage::data(c) {
        Err(why) => return gate(name, Tone::Bad, format!("{} {}", why.what(), why.next_step())),
        Ok(mount) if !mount.writable => {
            return gate(
                name,
                Tone::Bad,
                "What is mounted at /data is read-only. Recreate the container with a writable volume.",
            );
        }
        Ok(_) => {}
    }
    match c.owner() {
        Owner::Coolify(_) => {
            gate(name, Tone::Warn, "Coolify owns it. Do not press Stop or Redeploy in Coolify while the restore runs.")
        }
        Owner::Console | Owner::Compose(_) | Owner::Docker => {
            gate(name, Tone::Good, "The container is there and its data is in a volume.")
        }
    }
}

fn origin(s: &GateInput<'_>) -> Gate {
    let name = "From this deployment";
    if &s.manifest.deployment == s.deployment {
        gate(name, Tone::Good, format!("It was made from {}.", s.deployment))
    } else {
        gate(
            name,
            Tone::Bad,
            format!(
                "It was made from {}, not from {}. Choose a backup of {}.",
                s.manifest.deployment, s.deployment, s.deployment
            ),
        )
    }
}

fn edition(s: &GateInput<'_>) -> Gate {
    let name = "Same edition";
    match (s.manifest.edition, s.edition) {
        (_, None) => gate(
            name,
            Tone::Bad,
            "The deployment's edition is not known. Start it once, so that the console can ask it.",
        ),
        (Edition::Enterprise, Some(Edition::Community)) => gate(
            name,
            Tone::Bad,
            "The backup is from Enterprise, this deployment runs Community, which cannot open it. Restore it into an \
             Enterprise deployment.",
        ),
        (from, Some(to)) => gate(name, Tone::Good, format!("From {} to {}.", from.as_str(), to.as_str())),
    }
}

fn version(s: &GateInput<'_>) -> Gate {
    let name = "Version";
    match s.version.map(|to| (to, data_path(s.manifest.version, to))) {
        None => gate(
            name,
            Tone::Bad,
            "The deployment's Neo4j version is not known. Start it once, so that the console can ask it.",
        ),
        Some((_, Err(why))) => gate(name, Tone::Bad, why),
        Some((to, Ok(()))) => gate(name, Tone::Good, format!("From Neo4j {} to {to}.", s.manifest.version)),
    }
}

fn format(s: &GateInput<'_>) -> Gate {
    let name = "Store format";
    let block = s
        .manifest
        .databases
        .iter()
        .find(|d| d.store_format.as_deref().is_some_and(|f| f.starts_with("block") || f.contains("high_limit")));
    match block {
        Some(d) if s.edition == Some(Edition::Community) => gate(
            name,
            Tone::Bad,
            format!(
                "{} has the Enterprise format {}. Community cannot open it: migrate it to the aligned format on \
                 Enterprise first.",
                d.database,
                d.store_format.clone().unwrap_or_default()
            ),
        ),
        _ => gate(name, Tone::Good, "This edition can open it."),
    }
}

/// A dump is compressed; what it unpacks to is taken as the size of the data now or five times the dump, whichever is
/// more.
fn unpacked(manifest: &Manifest, used_now: u64) -> u64 {
    used_now.max(manifest.dump_bytes() * 5)
}

/// On Docker's own disk: the dumps once and the copy they are loaded into.
pub fn room_for_copy(manifest: &Manifest, used_now: u64) -> u64 {
    unpacked(manifest, used_now) + manifest.dump_bytes()
}

fn space(s: &GateInput<'_>) -> Gate {
    let name = "Free space";
    let Some(room) = s.room else {
        return gate(
            name,
            Tone::Warn,
            "The free space is not known. The restore measures it before the server is stopped.",
        );
    };
    let (restored, copy) = (unpacked(s.manifest, room.used), room_for_copy(s.manifest, room.used));
    let says = |needed: u64, free: u64| format!("It needs {}, {} are free.", file_size(needed), file_size(free));
    let beside = "Free some space: the current data is kept next to the restored data.";
    if room.shares_its_disk() {
        let (needed, free) = (restored + copy, room.free.min(room.free_in_docker()));
        return if free < needed {
            gate(name, Tone::Bad, format!("{} {beside}", says(needed, free)))
        } else {
            gate(name, Tone::Good, says(needed, free))
        };
    }
    let (data, docker) = (
        format!("On the disk of the data: {}", says(restored, room.free)),
        format!("On Docker's own: {}", says(copy, room.free_in_docker())),
    );
    match (room.free < restored, room.free_in_docker() < copy) {
        (true, _) => gate(name, Tone::Bad, format!("{data} {beside}")),
        (false, true) => gate(
            name,
            Tone::Bad,
            format!("{docker} Free some space there: a copy is loaded and proven before the server is stopped."),
        ),
        (false, false) => gate(name, Tone::Good, format!("{data} {docker}")),
    }
}

/// Asked only of what is from outside.
fn trust(s: &GateInput<'_>) -> Option<Gate> {
    let name = "Trusted source";
    match s.origin {
        Origin::Own => None,
        Origin::Accepted => Some(gate(name, Tone::Good, "Not made by this console; a member accepted it.")),
        Origin::Outside => {
            let says = "This console did not make it, and Neo4j on this host would open its data. A lead must accept \
                it on the backup's page first.";
            Some(gate(name, Tone::Bad, says))
        }
    }
}

/// Asked only of what is encrypted.
fn key(s: &GateInput<'_>) -> Option<Gate> {
    let name = "The backup can be decrypted";
    match s.identity_need {
        IdentityNeed::NotNeeded => None,
        IdentityNeed::Optional => Some(gate(name, Tone::Good, "An unencrypted copy is used first.")),
        IdentityNeed::AskedLater => Some(gate(
            name,
            Tone::Warn,
            "All its copies are encrypted. The next step asks for the identity (AGE-SECRET-KEY-1…), which the console \
             does not keep.",
        )),
        IdentityNeed::Given => Some(gate(name, Tone::Good, "With the identity that was given.")),
        IdentityNeed::Missing => {
            let says = "All its copies are encrypted, and the console has no identity. Give the identity \
                (AGE-SECRET-KEY-1…) with the restore; it is deleted when the job ends.";
            Some(gate(name, Tone::Bad, says))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::tests::manifest;
    use crate::container::tests::sample;
    use crate::deployment::Disk;

    fn two_disks(data: u64, docker: u64) -> Room {
        Room { used: 1000, free: data, total: 1 << 41, docker: Some(Disk { free: docker, total: 1 << 42 }) }
    }

    fn red(
        change: impl FnOnce(&mut Manifest, &mut Option<Container>, &mut Option<Version>, &mut Option<Room>),
    ) -> Vec<String> {
        let (mut m, mut c, mut v) = (manifest(), Some(sample()), Some(Version::new(5, 26, 5)));
        let mut room = Some(Room { used: 100, free: 1_000_000, total: 2_000_000, docker: None });
        change(&mut m, &mut c, &mut v, &mut room);
        let name = DeploymentName::parse("sales").expect("name");
        let s = GateInput {
            manifest: &m,
            state: backup::State::Verified,
            origin: Origin::Own,
            deployment: &name,
            container: c.as_ref(),
            version: v,
            edition: Some(Edition::Community),
            room,
            identity_need: IdentityNeed::NotNeeded,
        };
        gates(&s).into_iter().filter(|g| g.tone == Tone::Bad).map(|g| g.name).collect()
    }

    #[test]
    fn a_fitting_backup_passes_every_gate() {
        assert_eq!(red(|_, _, _, _| {}), Vec::<String>::new());
    }

    #[test]
    fn each_gate_stops_what_it_is_there_for() {
        assert_eq!(red(|m, _, _, _| m.edition = Edition::Enterprise), ["Same edition"]);
        assert_eq!(red(|m, _, _, _| m.databases[0].store_format = Some("block-block-1.1".into())), ["Store format"]);
        assert_eq!(red(|m, _, _, _| m.version = Version::new(2026, 5, 0)), ["Version"]);
        assert_eq!(
            red(|m, _, _, _| m.deployment = DeploymentName::parse("other").expect("name")),
            ["From this deployment"]
        );
        assert_eq!(red(|_, c, _, _| *c = None), ["The server can be stopped and started"]);
        assert_eq!(
            red(|_, _, _, room| *room = Some(Room { used: 100, free: 50, total: 200, docker: None })),
            ["Free space"]
        );
        let disks = |data: u64, docker: u64| red(|_, _, _, room| *room = Some(two_disks(data, docker)));
        assert_eq!(disks(1 << 40, 100), ["Free space"], "a large disk for the data does not hold the copy");
        assert_eq!(disks(100, 1 << 40), ["Free space"], "nor a large one of Docker's what is restored");
        assert_eq!(disks(1 << 40, 1 << 40), Vec::<String>::new());
        assert_eq!(
            red(|m, _, _, _| {
                m.parts.pop();
            }),
            ["The backup is whole"]
        );
        assert_eq!(red(|_, _, v, _| *v = None), ["Version"]);
    }
}
