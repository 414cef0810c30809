//! Taking an applied change back.

use super::{Basis, Difference, ImageUse, Kind, Plan};
use crate::container::Container;
use crate::text::memory_size;

/// The plan that gives each part the change altered the value it had before. Parts that have it already are left out; a
/// part that somebody changed since is said.
pub fn plan_revert(applied: &Plan, now: &Container) -> Plan {
    let mut warnings = vec![];
    let mut differences = vec![];
    for difference in applied.differences.iter().cloned() {
        if !difference.is_done_in(now) && !difference.starts_from(now) {
            warnings
                .push(format!("{} was changed again since. The revert replaces that value, too.", part(&difference)));
        }
        let back = from_present(difference.reversed(), now);
        if !back.is_done_in(now) {
            differences.push(back);
        }
    }
    let summary = format!("Revert: {}", applied.summary);
    Plan { kind: Kind::Revert, summary, differences, warnings, brings_back: None, basis: Basis::of(now) }
}

/// As a sentence begins with it.
fn part(difference: &Difference) -> String {
    match difference {
        Difference::Image { .. } => "The image".into(),
        Difference::Variable { name, .. } => name.clone(),
        Difference::MemoryLimit { after, .. } => {
            format!("The memory limit ({})", after.map_or("none".into(), memory_size))
        }
        Difference::StopTimeout { .. } => "The stop timeout".into(),
    }
}

/// The same aim, from what the container has now.
fn from_present(difference: Difference, now: &Container) -> Difference {
    match difference {
        Difference::Image { after, .. } => Difference::Image { before: ImageUse::of(now), after },
        Difference::Variable { name, after, .. } => {
            Difference::Variable { before: now.env_value(&name).map(str::to_owned), name, after }
        }
        Difference::MemoryLimit { after, .. } => Difference::MemoryLimit { before: now.memory_limit, after },
        Difference::StopTimeout { after, .. } => Difference::StopTimeout { before: now.stop_timeout, after },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::tests::sample;

    const PAGE_CACHE: &str = "NEO4J_server_memory_pagecache_size";

    fn applied() -> Plan {
        Plan {
            kind: Kind::Memory,
            summary: "Page cache 1 GiB".into(),
            differences: vec![
                Difference::Variable { name: PAGE_CACHE.into(), before: None, after: Some("1g".into()) },
                Difference::MemoryLimit { before: None, after: Some(4 << 30) },
            ],
            warnings: vec![],
            brings_back: None,
            basis: Basis::of(&sample()),
        }
    }

    fn after(page_cache: &str, limit: Option<u64>) -> Container {
        let mut container = sample();
        container.env.push((PAGE_CACHE.into(), page_cache.into()));
        container.memory_limit = limit;
        container
    }

    #[test]
    fn each_part_gets_the_value_it_had() {
        let now = after("1g", Some(4 << 30));
        let plan = plan_revert(&applied(), &now);
        let expected: Vec<Difference> = applied().differences.into_iter().map(Difference::reversed).collect();
        assert_eq!((plan.differences.clone(), plan.warnings.clone()), (expected, vec![]));
        assert!(!plan.is_stale(Some(&now)));
    }

    #[test]
    fn a_part_that_was_changed_since_is_said_and_one_that_is_back_already_is_left_out() {
        let now = after("2g", None);
        let plan = plan_revert(&applied(), &now);
        let from_two = Difference::Variable { name: PAGE_CACHE.into(), before: Some("2g".into()), after: None };
        assert_eq!(plan.differences, [from_two]);
        assert_eq!(plan.warnings.len(), 1, "{:?}", plan.warnings);
        assert!(plan.warnings[0].starts_with(PAGE_CACHE), "{:?}", plan.warnings);
    }
}
