//! Which backups go: a pure judgement over the backups of one deployment on one target. A backup goes only when every
//! rule of its schedule lets it go. Whatever the rules say, these stay: the newest verified one, the newest of data
//! that the deployment has no more, pinned ones, and those no schedule made.

use crate::backup::BackupId;
use crate::replaced::is_much_less;
use crate::schedule::{Keep, ScheduleName};
use crate::text::{full_time, plural};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A backup as it lies on the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub id: BackupId,
    pub made_at: DateTime<Utc>,
    /// The schedule it came from; none when a member made it.
    pub schedule: Option<ScheduleName>,
    pub verified: bool,
    pub pinned: bool,
    /// Identity of what it is of; empty when it is not known.
    pub store: String,
    pub nodes: u64,
    /// Somebody said since that the data the deployment has now is the right one.
    pub accepted_since: bool,
}

/// What a schedule says about its backups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rule {
    pub keep: Keep,
    /// Its next runs, in order, as far as they were computed. Used for forecasts only, never for a removal.
    pub coming: Vec<DateTime<Utc>>,
}

impl Rule {
    /// The run to come of this number, from 0. One that is past already proves nothing.
    fn after(&self, now: DateTime<Utc>, number: usize) -> Option<DateTime<Utc>> {
        self.coming.iter().filter(|at| **at > now).nth(number).copied()
    }
}

/// The rules of a deployment, by schedule.
pub type Rules = BTreeMap<ScheduleName, Rule>;

/// Whether one backup is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub id: BackupId,
    pub made_at: DateTime<Utc>,
    pub schedule: Option<ScheduleName>,
    pub verified: bool,
    pub pinned: bool,
    /// Whether it is removed now.
    pub goes: bool,
    /// When it will go, if the schedules run as planned; none when it stays or nobody can tell.
    pub goes_at: Option<DateTime<Utc>>,
    /// One sentence.
    pub why: String,
}

/// Judges each backup, newest first.
pub fn decide(stored: &[Stored], rules: &Rules, now: DateTime<Utc>) -> Vec<Decision> {
    let mut all: Vec<&Stored> = stored.iter().collect();
    all.sort_by(|a, b| (b.made_at, &b.id).cmp(&(a.made_at, &a.id)));
    let newest = all.iter().find(|b| b.verified).copied();
    let former = newest.and_then(|newest| former(&all, newest));
    let newest = newest.map(|b| b.id.clone());
    // The next verified backup of whichever schedule takes the place of the newest.
    let relieved = rules.values().filter_map(|r| r.after(now, 0)).min();
    let mut newer: BTreeMap<&ScheduleName, u32> = BTreeMap::new();
    all.into_iter()
        .map(|backup| {
            let Some(name) = &backup.schedule else {
                return decision(backup, None, "Made by hand: kept until somebody deletes it.".into(), now);
            };
            let seen = newer.entry(name).or_default();
            let (goes_at, why) = fate(backup, name, rules.get(name), *seen, now);
            *seen += u32::from(backup.verified);
            if newest.as_ref() == Some(&backup.id) && !backup.pinned {
                let after = goes_at.zip(relieved).map(|(a, b)| a.max(b));
                return decision(backup, after, "The newest verified backup: no rule removes it.".into(), now);
            }
            if former.as_ref() == Some(&backup.id) && !backup.pinned {
                return decision(
                    backup,
                    None,
                    "The newest backup of data that is no longer there: kept until somebody accepts the current \
                     data."
                        .into(),
                    now,
                );
            }
            decision(backup, goes_at, why, now)
        })
        .collect()
}

/// The newest verified backup of another store than that of the newest, or of much more data, unless that was accepted.
fn former(newest_first: &[&Stored], newest: &Stored) -> Option<BackupId> {
    let other_store = |b: &Stored| !b.store.is_empty() && !newest.store.is_empty() && b.store != newest.store;
    let lost =
        |b: &&&Stored| b.verified && !b.accepted_since && (other_store(b) || is_much_less(newest.nodes, b.nodes));
    newest_first.iter().find(lost).map(|b| b.id.clone())
}

/// When the rules let a backup go, and the sentence. `newer`: verified backups of its schedule that are newer.
fn fate(
    backup: &Stored,
    name: &ScheduleName,
    rule: Option<&Rule>,
    newer: u32,
    now: DateTime<Utc>,
) -> (Option<DateTime<Utc>>, String) {
    if backup.pinned {
        return (None, "Pinned: kept until somebody unpins it.".into());
    }
    let Some(rule) = rule else {
        return (None, format!("Its schedule {name} was removed: kept until somebody deletes it."));
    };
    let Keep { days, count } = rule.keep;
    let by_age = days.map(|days| backup.made_at + TimeDelta::days(days.into()));
    let by_count = count
        .map(|count| if newer >= count { Some(backup.made_at) } else { rule.after(now, (count - newer - 1) as usize) });
    let old = by_age.is_none_or(|at| at <= now);
    let enough = count.is_none_or(|count| newer >= count);
    let why = match (days, count) {
        (None, None) => return (None, format!("{name} keeps all its backups.")),
        _ if old && enough => format!("{name} keeps {}; this one has expired.", rule.keep.words()),
        _ if !old => format!("{name} keeps it until {}.", full_time(by_age.unwrap_or(now))),
        (_, count) => format!(
            "{name} keeps {}; removed after {}.",
            rule.keep.words(),
            plural(u64::from(count.unwrap_or(0) - newer), "more", "more")
        ),
    };
    let at = match (by_age, by_count) {
        (_, Some(None)) => None,
        (age, count) => age.max(count.flatten()),
    };
    (at, why)
}

fn decision(backup: &Stored, goes_at: Option<DateTime<Utc>>, why: String, now: DateTime<Utc>) -> Decision {
    Decision {
        id: backup.id.clone(),
        made_at: backup.made_at,
        schedule: backup.schedule.clone(),
        verified: backup.verified,
        pinned: backup.pinned,
        goes: goes_at.is_some_and(|at| at <= now),
        goes_at,
        why,
    }
}

#[cfg(test)]
mod tests;
