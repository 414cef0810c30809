//! How the container was made: its image, ports, variables and mounts.

use super::{Finding, finding};
use crate::container::Container;
use crate::image::{Edition, Pinning, pinning};
use crate::setting::{Variable, classify};
use crate::storage::{self, Unusable};
use crate::text::Tone;

pub(super) fn image(container: &Container, all: &mut Vec<Finding>) {
    if pinning(&container.image) == Pinning::Floating {
        all.push(finding(
            "floating_tag",
            Tone::Warn,
            format!("The image {} is not pinned to a version.", container.image),
            "The next pull may bring a newer Neo4j that changes the store, and there is no way back. Pin the full \
             version, for example neo4j:5.26.5-community.",
        ));
    }
    let enterprise = container.image_release().is_some_and(|release| release.edition == Edition::Enterprise);
    let accepted = matches!(container.env_value("NEO4J_ACCEPT_LICENSE_AGREEMENT"), Some("yes" | "eval"));
    if enterprise && !accepted {
        all.push(finding(
            "licence",
            Tone::Warn,
            "The Enterprise licence is not accepted.",
            "Neo4j Enterprise does not start without NEO4J_ACCEPT_LICENSE_AGREEMENT set to yes or eval.",
        ));
    }
}

pub(super) fn ports(container: &Container, all: &mut Vec<Finding>) {
    let open: Vec<String> = container
        .ports
        .iter()
        .filter_map(|p| p.host.as_ref().filter(|h| h.open_to_the_world()).map(|h| format!("{}:{}", h.address, h.port)))
        .collect();
    if !open.is_empty() {
        all.push(finding(
            "port_open",
            Tone::Warn,
            format!("Published to every network: {}.", open.join(", ")),
            "Anyone who can reach this host can reach Neo4j; Docker bypasses the host firewall for these ports. \
             Publish on 127.0.0.1 only, or go through the proxy.",
        ));
    }
}

pub(super) fn variables(container: &Container, all: &mut Vec<Finding>) {
    for (name, _) in container.own_env() {
        match classify(name) {
            Variable::Unknown(setting) => all.push(finding(
                "unknown_variable",
                Tone::Warn,
                format!("{name} is not a setting of Neo4j."),
                format!(
                    "It becomes the unknown setting {setting}; Neo4j 5 and later refuse to start with it. Remove \
                    the variable."
                ),
            )),
            Variable::Deprecated { now, .. } => all.push(finding(
                "deprecated_variable",
                Tone::Warn,
                format!("{name} is an old name."),
                format!("The setting is now called {now}. Old names stop working in a later version."),
            )),
            Variable::Ignored => all.push(finding(
                "ignored_variable",
                Tone::Warn,
                format!("{name} has no effect."),
                "A variable with dots in its name never reaches Neo4j. Write underscores, and a double underscore for \
                 an underscore.",
            )),
            Variable::NotASetting | Variable::Setting(_) => {}
        }
    }
}

pub(super) fn storage(container: &Container, all: &mut Vec<Finding>) {
    match storage::data(container) {
        Err(Unusable::NotMounted) => all.push(finding(
            "data_unmounted",
            Tone::Bad,
            "The data is inside the container.",
            "Nothing is mounted at /data: when the container is removed, the graph is lost. Make a backup, then \
             recreate the container with a named volume.",
        )),
        Err(why @ Unusable::InMemory) => {
            let refuses = "Backups, stops and restarts from here are refused.";
            all.push(finding("data_in_memory", Tone::Bad, why.what(), format!("{refuses} {}", why.next_step())));
        }
        Err(why @ (Unusable::Split(_) | Unusable::Moved(_) | Unusable::UnknownUser(_))) => {
            all.push(finding(
                "data_out_of_reach",
                Tone::Bad,
                why.what(),
                format!(
                    "Backups and restores from here are \
                refused. {}",
                    why.next_step()
                ),
            ));
        }
        Ok(mount) if mount.is_anonymous() => all.push(finding(
            "data_anonymous",
            Tone::Warn,
            "The data is in an anonymous volume.",
            "It has no name, so a clean-up can delete it and a new container will not find it. Recreate the container \
             with a named volume at /data.",
        )),
        Ok(_) => {}
    }
}
