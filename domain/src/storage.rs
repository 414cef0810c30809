//! Where a server keeps its data, and as whom. What a stop would destroy, or what no helper could reach, is known
//! before the stop.

use crate::container::{Container, ImageId, Mount, MountSource};
use crate::helper::{DATA, NEO4J_UID};
use serde::{Deserialize, Serialize};

/// In the image this is a link to `/data`, so Docker lays what is mounted here over what is mounted there.
const LINK: &str = "/var/lib/neo4j/data";
/// Settings that move the data away from `/data`.
const MOVED: [&str; 3] =
    ["NEO4J_server_directories_data", "NEO4J_server_directories_transaction_logs_root", "NEO4J_dbms_directories_data"];

/// Why a deployment's data can be neither saved nor replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unusable {
    /// Inside the container itself.
    NotMounted,
    /// On tmpfs: a stop empties it.
    InMemory,
    /// A part of it is mounted for itself, at this path.
    Split(String),
    /// This variable puts it elsewhere.
    Moved(&'static str),
    /// The server runs as this user, whose number is not known.
    UnknownUser(String),
}

impl Unusable {
    /// What is wrong, as a sentence without the server's name.
    pub fn what(&self) -> String {
        match self {
            Self::NotMounted => "Nothing is mounted at /data: the data is inside the container.".into(),
            Self::InMemory => "The data is in memory only (tmpfs): a stop deletes it.".into(),
            Self::Split(at) => format!("Part of the data is a separate mount, at {at}."),
            Self::Moved(name) => format!("{name} sets a data directory outside /data."),
            Self::UnknownUser(user) => format!("The server runs as user {user}; its numeric id is unknown."),
        }
    }

    /// What to do about it, as a sentence.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::NotMounted => "Recreate the container with a named volume at /data.",
            Self::InMemory => "Export what you need while it runs, then recreate it with a named volume at /data.",
            Self::Split(_) => "Recreate the container with one volume at /data that holds all of the data.",
            Self::Moved(_) => "Recreate the container with its data in /data.",
            Self::UnknownUser(_) => "Recreate the container with a numeric user, for example --user 1000:1000.",
        }
    }
}

/// Who a process in a container is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunAs {
    pub uid: u64,
    pub gid: u64,
}

impl Default for RunAs {
    /// `neo4j` of every image (docs/neo4j-facts.md: Image).
    fn default() -> Self {
        Self { uid: NEO4J_UID, gid: NEO4J_UID }
    }
}

impl std::fmt::Display for RunAs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.uid, self.gid)
    }
}

/// The image a helper runs, and as whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runs {
    pub image: ImageId,
    pub user: RunAs,
}

impl From<&ImageId> for Runs {
    /// For volumes of the console's own.
    fn from(image: &ImageId) -> Self {
        Self { image: image.clone(), user: RunAs::default() }
    }
}

/// As the process of a server that runs as `asked`: root changes to neo4j by itself.
pub fn run_as(asked: &str) -> Result<RunAs, Unusable> {
    let (user, group) = asked.split_once(':').unwrap_or((asked, ""));
    if matches!(user, "" | "root" | "0" | "neo4j") {
        return Ok(RunAs::default());
    }
    let unknown = || Unusable::UnknownUser(asked.into());
    let uid = user.parse().map_err(|_| unknown())?;
    // Without a group the engine takes root's.
    let gid = if group.is_empty() { Ok(0) } else { group.parse() };
    Ok(RunAs { uid, gid: gid.map_err(|_| unknown())? })
}

/// The mount that holds the data, or why it cannot be worked with.
pub fn data(container: &Container) -> Result<&Mount, Unusable> {
    if let Some(name) =
        MOVED.into_iter().find(|name| container.env_value(name).is_some_and(|path| path.trim_end_matches('/') != DATA))
    {
        return Err(Unusable::Moved(name));
    }
    let mount = container.mount_at(LINK).or_else(|| container.mount_at(DATA)).ok_or(Unusable::NotMounted)?;
    if let MountSource::Other(_) = mount.source {
        return Err(Unusable::InMemory);
    }
    let below =
        |at: &str| [DATA, LINK].iter().any(|top| at.strip_prefix(top).is_some_and(|rest| rest.starts_with('/')));
    match container.mounts.iter().find(|m| below(&m.at)) {
        Some(part) => Err(Unusable::Split(part.at.clone())),
        None => run_as(&container.user).map(|_| mount),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::VolumeName;
    use crate::container::tests::sample;

    fn with(change: impl FnOnce(&mut Container)) -> Container {
        let mut container = sample();
        change(&mut container);
        container
    }

    fn volume(name: &str, at: &str) -> Mount {
        Mount { source: MountSource::Volume(VolumeName(name.into())), at: at.into(), writable: true }
    }

    #[test]
    fn data_is_where_the_server_writes_it() {
        let source = |c: &Container| data(c).map(|m| m.source_name().to_string());
        assert_eq!(source(&sample()).as_deref(), Ok("sales-data"));
        // An anonymous volume lies below it, empty.
        let linked = with(|c| c.mounts = vec![volume(&"a".repeat(64), "/data"), volume("named", LINK)]);
        assert_eq!(source(&linked).as_deref(), Ok("named"));
        assert_eq!(source(&with(|c| c.env.push((MOVED[0].into(), "/data/".into())))).as_deref(), Ok("sales-data"));
    }

    #[test]
    fn what_cannot_be_saved_is_known_before_the_stop() {
        let why = |change: fn(&mut Container)| data(&with(change)).expect_err("unusable");
        assert_eq!(why(|c| c.mounts.clear()), Unusable::NotMounted);
        assert_eq!(why(|c| c.mounts[0].source = MountSource::Other("tmpfs".into())), Unusable::InMemory);
        assert_eq!(
            why(|c| c.mounts.push(volume("tx", "/data/transactions"))),
            Unusable::Split("/data/transactions".into())
        );
        assert_eq!(why(|c| c.env.push((MOVED[0].into(), "/elsewhere".into()))), Unusable::Moved(MOVED[0]));
        assert_eq!(why(|c| c.user = "app".into()), Unusable::UnknownUser("app".into()));
    }

    #[test]
    fn helpers_are_whoever_the_server_is() {
        let who = |user: &str| run_as(user).map(|who| who.to_string());
        for neo4j in ["", "root", "0:0", "neo4j", "7474:7474"] {
            assert_eq!(who(neo4j).as_deref(), Ok("7474:7474"), "{neo4j}");
        }
        assert_eq!((who("1000:1000").as_deref(), who("1000").as_deref()), (Ok("1000:1000"), Ok("1000:0")));
        assert!(who("1000:staff").is_err());
    }
}
