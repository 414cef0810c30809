//! The plan of a change: exactly what it alters, what it rests on, and what must be true afterwards.

use super::{Difference, ImageUse, Kind};
use crate::container::{Container, ContainerId, RestartPolicy};
use crate::job::JobId;
use crate::problem::{Problem, ProblemKind};
use crate::setting::{Variable, classify};
use serde::{Deserialize, Serialize};

/// What the plan was made from. Most of a container is fixed when it is made (docs/neo4j-facts.md: Recreating), so its
/// id stands for it, and the rest is named here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    pub container: ContainerId,
    pub memory_limit: Option<u64>,
    pub restart: RestartPolicy,
    pub networks: Vec<String>,
}

impl Basis {
    /// Of the container as it is now.
    pub fn of(container: &Container) -> Self {
        let mut networks: Vec<String> = container.networks.iter().map(|n| n.name.clone()).collect();
        networks.sort();
        Self {
            container: container.id.clone(),
            memory_limit: container.memory_limit,
            restart: container.restart,
            networks,
        }
    }
}

/// What applying a plan takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// All is so already.
    Nothing,
    /// While Neo4j runs.
    Live,
    /// A new container in place of the old one: Neo4j is offline for a stop and a start.
    Recreate,
}

/// A setting that Neo4j must tell back after the change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    pub name: String,
    pub value: String,
}

/// The plan of a change. It holds no secret: it is stored, shown and sent to colleagues.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub kind: Kind,
    /// In a few words: "Heap 2 GiB, page cache 1 GiB".
    pub summary: String,
    pub differences: Vec<Difference>,
    /// What to know before it is applied, as sentences.
    pub warnings: Vec<String>,
    /// The job of an upgrade that is taken back: the data that it set aside comes back with the image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brings_back: Option<JobId>,
    pub basis: Basis,
}

impl Plan {
    /// What applying it takes.
    pub fn effect(&self) -> Effect {
        match self.differences.as_slice() {
            [] => Effect::Nothing,
            all if all.iter().all(Difference::is_live) => Effect::Live,
            _ => Effect::Recreate,
        }
    }

    /// Whether the deployment is no longer what the plan was made from; `None` is a container that is gone.
    pub fn is_stale(&self, now: Option<&Container>) -> bool {
        now.is_none_or(|now| {
            Basis::of(now) != self.basis || !self.differences.iter().all(|difference| difference.starts_from(now))
        })
    }

    /// What to say of one that [`Plan::is_stale`].
    pub fn stale() -> Problem {
        Problem::new(ProblemKind::Conflict, "The deployment was changed since this was planned.")
            .means("The plan no longer says what would happen, so nothing was done.")
            .next_step("Plan the change again.")
    }

    /// The plan with data from before, too.
    pub fn bringing_back(mut self, upgrade: JobId) -> Self {
        self.warnings.push(
            "The data from before the upgrade comes back with its image. What was written since the upgrade is not in \
             it: it is set aside until you remove it."
                .into(),
        );
        self.brings_back = Some(upgrade);
        self
    }

    /// The image it changes to, if that is a difference.
    pub fn new_image(&self) -> Option<&ImageUse> {
        self.differences.iter().find_map(|difference| match difference {
            Difference::Image { after, .. } => Some(after),
            Difference::Variable { .. } | Difference::MemoryLimit { .. } | Difference::StopTimeout { .. } => None,
        })
    }

    /// The settings that Neo4j must tell back. What is only removed takes Neo4j's own default, which differs by
    /// version.
    pub fn settings(&self) -> Vec<Setting> {
        self.differences.iter().filter_map(setting).collect()
    }
}

fn setting(difference: &Difference) -> Option<Setting> {
    let Difference::Variable { name, after: Some(value), .. } = difference else { return None };
    match classify(name) {
        Variable::Setting(name) => Some(Setting { name, value: value.clone() }),
        Variable::Deprecated { now, .. } => Some(Setting { name: now, value: value.clone() }),
        Variable::NotASetting | Variable::Unknown(_) | Variable::Ignored => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::tests::sample;

    fn plan(differences: Vec<Difference>) -> Plan {
        Plan {
            kind: Kind::Memory,
            summary: String::new(),
            differences,
            warnings: vec![],
            brings_back: None,
            basis: Basis::of(&sample()),
        }
    }

    fn variable(name: &str, after: Option<&str>) -> Difference {
        Difference::Variable { name: name.into(), before: None, after: after.map(str::to_owned) }
    }

    #[test]
    fn only_a_limit_is_changed_while_neo4j_runs() {
        let limit = Difference::MemoryLimit { before: Some(2 << 30), after: Some(1 << 30) };
        let none = Difference::MemoryLimit { before: Some(2 << 30), after: None };
        assert_eq!(plan(vec![]).effect(), Effect::Nothing);
        assert_eq!(plan(vec![limit.clone()]).effect(), Effect::Live);
        assert_eq!([plan(vec![none.clone()]).effect(), plan(vec![none.reversed()]).effect()], [Effect::Recreate; 2]);
        assert_eq!(plan(vec![limit, variable("NEO4J_server_bolt_enabled", Some("true"))]).effect(), Effect::Recreate);
    }

    #[test]
    fn a_plan_is_stale_once_anything_it_rests_on_is_different() {
        let plan = plan(vec![variable("NEO4J_server_memory_pagecache_size", Some("1g"))]);
        assert!(!plan.is_stale(Some(&sample())));
        assert!(plan.is_stale(None));
        let changes: [fn(&mut Container); 4] = [
            |c| c.id = ContainerId("other".into()),
            |c| c.memory_limit = Some(1),
            |c| c.restart = RestartPolicy::No,
            |c| c.env.push(("NEO4J_server_memory_pagecache_size".into(), "2g".into())),
        ];
        for change in changes {
            let mut now = sample();
            change(&mut now);
            assert!(plan.is_stale(Some(&now)), "{now:?}");
        }
    }

    #[test]
    fn what_is_set_is_told_back_under_the_name_neo4j_has_for_it() {
        let plan = plan(vec![
            variable("NEO4J_server_memory_heap_max__size", Some("1g")),
            variable("NEO4J_dbms_memory_pagecache_size", Some("2g")),
            variable("NEO4J_server_memory_heap_initial__size", None),
            variable("NEO4J_PLUGINS", Some("[]")),
        ]);
        let told: Vec<(String, String)> = plan.settings().into_iter().map(|s| (s.name, s.value)).collect();
        let expected = [("server.memory.heap.max_size", "1g"), ("server.memory.pagecache.size", "2g")];
        assert_eq!(told, expected.map(|(name, value)| (name.to_string(), value.to_string())));
    }
}
