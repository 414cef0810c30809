//! Drift: what somebody changed on a container outside of the console. What the console knows a container to be set to
//! is kept, and compared with what is there.

use super::{Basis, Difference, ImageUse, Kind, Plan};
use crate::container::Container;
use crate::setting::is_plain_variable;
use crate::text::{duration, memory_size, plural};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A value that is kept: as it is, or only signed where it is or may be secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    Plain(String),
    /// It can be compared and not read.
    Signed(String),
}

/// What a container is set to. The restart policy is not in it: jobs change it for a while. Nor are ports: the engine
/// may choose them anew at each start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration {
    pub image: ImageUse,
    pub variables: BTreeMap<String, Kept>,
    /// Signed, all of them: a proxy reads passwords from labels.
    pub labels: BTreeMap<String, String>,
    pub memory_limit: Option<u64>,
    pub stop_timeout: Option<u64>,
    /// Path → what is mounted there.
    pub mounts: BTreeMap<String, String>,
    pub networks: BTreeSet<String>,
}

impl Configuration {
    /// Of the container as it is now. `sign`: of a name and a value.
    pub fn of(container: &Container, sign: impl Fn(&str, &str) -> String) -> Self {
        let variable = |(name, value): &(String, String)| {
            let plain = is_plain_variable(name, value);
            let kept = if plain { Kept::Plain(value.clone()) } else { Kept::Signed(sign(name, value)) };
            (name.clone(), kept)
        };
        Self {
            image: ImageUse::of(container),
            variables: container.own_env().map(variable).collect(),
            labels: container.labels.iter().map(|(name, value)| (name.clone(), sign(name, value))).collect(),
            memory_limit: container.memory_limit,
            stop_timeout: container.stop_timeout,
            mounts: container.mounts.iter().map(|m| (m.at.clone(), m.source_name().to_owned())).collect(),
            networks: container.networks.iter().map(|n| n.name.clone()).collect(),
        }
    }
}

/// One side of a drift.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Absent,
    /// Something that is or may be secret.
    Hidden,
    Shown(String),
}

impl Side {
    fn of(value: Option<String>) -> Self {
        value.map_or(Self::Absent, Self::Shown)
    }
}

/// One part that was changed from outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    pub what: String,
    /// As the console knows it.
    pub known: Side,
    pub now: Side,
    /// What puts it back, where the console can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub back: Option<Difference>,
}

/// Everything that differs. `is_signed`: whether a signature is of this name and value.
pub fn drift(known: &Configuration, now: &Container, is_signed: impl Fn(&str, &str, &str) -> bool) -> Vec<Drift> {
    let mut all = vec![];
    if !known.image.is_of(now) {
        let (known, now) = (Side::Shown(known.image.reference.clone()), Side::Shown(now.image.clone()));
        all.push(Drift { what: "Image".into(), known, now, back: None });
    }
    all.extend(variables(known, now, &is_signed));
    let limit = Difference::MemoryLimit { before: now.memory_limit, after: known.memory_limit };
    all.extend(number("Memory limit", known.memory_limit, now.memory_limit, memory_size, limit));
    let timeout = Difference::StopTimeout { before: now.stop_timeout, after: known.stop_timeout };
    all.extend(number("Stop timeout", known.stop_timeout, now.stop_timeout, duration, timeout));
    all.extend(labels(known, now, &is_signed));
    let mounts: BTreeMap<_, _> = now.mounts.iter().map(|m| (m.at.clone(), m.source_name().to_owned())).collect();
    let places: BTreeSet<&String> = known.mounts.keys().chain(mounts.keys()).collect();
    all.extend(
        places
            .into_iter()
            .filter_map(|at| shown(format!("Mount {at}"), known.mounts.get(at).cloned(), mounts.get(at).cloned())),
    );
    let networks: BTreeSet<String> = now.networks.iter().map(|n| n.name.clone()).collect();
    let joined = |set: &BTreeSet<String>| (!set.is_empty()).then(|| set.iter().cloned().collect::<Vec<_>>().join(", "));
    all.extend(shown("Networks".into(), joined(&known.networks), joined(&networks)));
    all
}

fn shown(what: String, known: Option<String>, now: Option<String>) -> Option<Drift> {
    (known != now).then(|| Drift { what, known: Side::of(known), now: Side::of(now), back: None })
}

fn number(
    what: &str,
    known: Option<u64>,
    now: Option<u64>,
    words: impl Fn(u64) -> String,
    back: Difference,
) -> Option<Drift> {
    let side = |value: Option<u64>| Side::of(value.map(&words));
    (known != now).then(|| Drift { what: what.into(), known: side(known), now: side(now), back: Some(back) })
}

fn variables(known: &Configuration, now: &Container, is_signed: &impl Fn(&str, &str, &str) -> bool) -> Vec<Drift> {
    let present: BTreeMap<&str, &str> = now.own_env().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let names: BTreeSet<&str> = known.variables.keys().map(String::as_str).chain(present.keys().copied()).collect();
    let one = |name: &str| {
        let (was, is) = (known.variables.get(name), present.get(name).copied());
        let same = match (was, is) {
            (Some(Kept::Plain(was)), Some(is)) => was == is,
            (Some(Kept::Signed(signature)), Some(is)) => is_signed(name, is, signature),
            (Some(_), None) | (None, Some(_)) => false,
            (None, None) => true,
        };
        let known_side = match was {
            None => Side::Absent,
            Some(Kept::Plain(value)) => Side::Shown(value.clone()),
            Some(Kept::Signed(_)) => Side::Hidden,
        };
        let now_side = match is {
            None => Side::Absent,
            Some(value) if is_plain_variable(name, value) => Side::Shown(value.into()),
            Some(_) => Side::Hidden,
        };
        (!same).then(|| Drift {
            what: name.into(),
            back: back(name, &known_side, &now_side),
            known: known_side,
            now: now_side,
        })
    };
    names.into_iter().filter_map(one).collect()
}

/// What is hidden on either side is in no plan.
fn back(name: &str, known: &Side, now: &Side) -> Option<Difference> {
    let value = |side: &Side| match side {
        Side::Absent => Some(None),
        Side::Shown(value) => Some(Some(value.clone())),
        Side::Hidden => None,
    };
    Some(Difference::Variable { name: name.into(), before: value(now)?, after: value(known)? })
}

fn labels(known: &Configuration, now: &Container, is_signed: &impl Fn(&str, &str, &str) -> bool) -> Vec<Drift> {
    let names: BTreeSet<&String> = known.labels.keys().chain(now.labels.keys()).collect();
    let one = |name: &String| {
        let (was, is) = (known.labels.get(name), now.labels.get(name));
        let same = was.zip(is).is_some_and(|(signature, value)| is_signed(name, value, signature));
        let side = |there: bool| if there { Side::Hidden } else { Side::Absent };
        let what = format!("Label {name}");
        (!same).then(|| Drift { what, known: side(was.is_some()), now: side(is.is_some()), back: None })
    };
    names.into_iter().filter_map(one).collect()
}

/// The plan that puts back what the console can put back, and says what it cannot.
pub fn plan_back(drift: &[Drift], now: &Container) -> Plan {
    let differences: Vec<Difference> = drift.iter().filter_map(|one| one.back.clone()).collect();
    let others = drift.iter().filter(|one| one.back.is_none());
    let warnings =
        others.map(|one| format!("{} stays as it is now: the console does not put it back.", one.what)).collect();
    let summary = format!("Revert {} from outside", plural(differences.len() as u64, "change", "changes"));
    Plan { kind: Kind::Revert, summary, differences, warnings, brings_back: None, basis: Basis::of(now) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::tests::sample;

    fn sign(name: &str, value: &str) -> String {
        format!("signed {name} {value}")
    }

    fn found(now: &Container) -> Vec<Drift> {
        drift(&Configuration::of(&sample(), sign), now, |name, value, signature| sign(name, value) == signature)
    }

    #[test]
    fn nothing_that_a_start_or_a_job_changes_is_drift() {
        let mut now = sample();
        now.id.0 = "made anew".into();
        now.restart = crate::container::RestartPolicy::No;
        now.run = crate::container::RunState::Created;
        assert_eq!(found(&now), []);
    }

    #[test]
    fn each_part_is_found_and_secrets_are_not_shown() {
        let mut now = sample();
        now.env = vec![
            ("NEO4J_AUTH".into(), "neo4j/other-secret".into()),
            ("NEO4J_server_memory_pagecache_size".into(), "1g".into()),
        ];
        now.memory_limit = Some(1 << 30);
        now.labels.insert("traefik.http.middlewares.a.basicauth.users".into(), "me:owls".into());
        now.mounts[0].at = "/elsewhere".into();
        let all = found(&now);
        let parts: Vec<&str> = all.iter().map(|one| one.what.as_str()).collect();
        let expected = [
            "NEO4J_AUTH",
            "NEO4J_server_memory_pagecache_size",
            "Memory limit",
            "Label traefik.http.middlewares.a.basicauth.users",
            "Mount /data",
            "Mount /elsewhere",
        ];
        assert_eq!(parts, expected);
        let told = serde_json::to_string(&all).expect("JSON");
        assert!(!told.contains("secret") && !told.contains("owls"), "{told}");

        let plan = plan_back(&all, &now);
        let back = [
            Difference::Variable {
                name: "NEO4J_server_memory_pagecache_size".into(),
                before: Some("1g".into()),
                after: None,
            },
            Difference::MemoryLimit { before: Some(1 << 30), after: None },
        ];
        assert_eq!((plan.differences, plan.warnings.len()), (back.to_vec(), 4));
    }
}
