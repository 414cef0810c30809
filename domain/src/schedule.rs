//! A schedule: when backups of a deployment are made by themselves, where they go and how long they are kept; and the
//! decision what is due. The calendar itself (cron, time zones) is in `ops/engine/timetable.rs`: its tables are too
//! large for the browser.

mod due;
mod recurrence;

pub use crate::backup::Kind;
pub use due::{Due, ON_TIME, WINDOW, due};
pub use recurrence::{Recurrence, WEEKDAYS};

use crate::Invalid;
use crate::deployment::DeploymentName;
use crate::job::JobId;
use crate::target::TargetName;
use crate::text::{parsed_when_read, plural};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// Name of a schedule, one a deployment: 1–40 small letters, digits or dashes. It stands in addresses and in the job's
/// `by`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct ScheduleName(String);

parsed_when_read!(ScheduleName);

impl ScheduleName {
    /// 1 to 40 small letters, digits and dashes, beginning with a letter or digit, but not `new`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let good = (1..=40).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if text == "new" {
            return Err(Invalid::new("name", "The name new is reserved for a page. Choose another one."));
        }
        if !good {
            return Err(Invalid::new(
                "name",
                "Use 1 to 40 small letters, digits or dashes, beginning with a letter or digit: for example daily.",
            ));
        }
        Ok(Self(text.into()))
    }

    /// The stored and serialised form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ScheduleName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// How long the backups of a schedule are kept. A backup goes only when every rule given here lets it go; without a
/// rule all are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keep {
    /// Those of the last so many days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// The last so many verified ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
}

impl Keep {
    const MAX: u32 = 10_000;

    /// Each 1 to 10,000 or absent; with neither nothing is ever removed.
    pub fn parse(days: Option<u32>, count: Option<u32>) -> Result<Self, Invalid> {
        let good = |n: &u32| (1..=Self::MAX).contains(n);
        if days.is_some_and(|n| !good(&n)) {
            return Err(Invalid::new("keep", "Keep backups for 1 to 10000 days, or leave the days out."));
        }
        if count.is_some_and(|n| !good(&n)) {
            return Err(Invalid::new("keep", "Keep the last 1 to 10000 backups, or leave the number out."));
        }
        Ok(Self { days, count })
    }

    /// As a list says it: "7 days", "the last 3", "7 days, and the last 3".
    pub fn words(self) -> String {
        let days = self.days.map(|n| plural(n.into(), "day", "days"));
        let count = self.count.map(|n| format!("the last {n}"));
        match (days, count) {
            (Some(days), Some(count)) => format!("{days}, and {count}"),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => "all".into(),
        }
    }
}

/// Runs are spread by up to so many minutes, so that many deployments on one host do not begin in the same second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Jitter(u16);

impl Jitter {
    /// Refused above 240 minutes.
    pub fn parse(minutes: u32) -> Result<Self, Invalid> {
        match u16::try_from(minutes) {
            Ok(n) if n <= 240 => Ok(Self(n)),
            _ => Err(Invalid::new("jitter_minutes", "Spread runs by 0 to 240 minutes.")),
        }
    }

    /// Minutes by which runs may be spread.
    pub const fn minutes(self) -> u16 {
        self.0
    }
}

/// A schedule as it is stored. `cron` and `time_zone` were read by `ops` before they came here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    pub name: ScheduleName,
    pub deployment: DeploymentName,
    /// Five fields: minute, hour, day of the month, month, day of the week.
    pub cron: String,
    /// By its IANA name: `Europe/Berlin`.
    pub time_zone: String,
    /// Names of targets; empty is the console's own.
    pub targets: Vec<TargetName>,
    pub kind: Kind,
    pub keep: Keep,
    pub paused: bool,
    pub jitter: Jitter,
}

impl Schedule {
    /// When the run planned for `at` begins. The same answer each time, also after a restart: chance comes from the
    /// names and the time alone (FNV-1a).
    pub fn start(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        let seconds = u64::from(self.jitter.0) * 60;
        if seconds == 0 {
            return at;
        }
        let stamp = at.timestamp().to_le_bytes();
        let text = self.deployment.as_str().bytes().chain([0]).chain(self.name.as_str().bytes()).chain(stamp);
        let hash =
            text.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        at + TimeDelta::seconds((hash % (seconds + 1)).cast_signed())
    }
}

/// The usual times. In the night, and outside the hours that daylight saving skips or doubles anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Preset {
    Daily,
    Weekly,
    Monthly,
}

impl Preset {
    /// All of them.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The stored and serialised form.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// An hour apart, so that on a Sunday the 1st each finds the deployment free.
    pub const fn cron(self) -> &'static str {
        match self {
            Self::Daily => "15 3 * * *",
            Self::Weekly => "15 4 * * SUN",
            Self::Monthly => "15 5 1 * *",
        }
    }

    /// Retention of the three-tier plan: 7 days local, 30 and 90 days external.
    pub const fn keep(self) -> Keep {
        let days = match self {
            Self::Daily => 7,
            Self::Weekly => 30,
            Self::Monthly => 90,
        };
        Keep { days: Some(days), count: None }
    }
}

/// The three-tier plan for a deployment: daily on the console's own target, weekly and monthly on `external`.
pub fn plan(deployment: &DeploymentName, time_zone: &str, external: &[TargetName]) -> [Schedule; 3] {
    [Preset::Daily, Preset::Weekly, Preset::Monthly].map(|preset| Schedule {
        name: ScheduleName(preset.as_str().into()),
        deployment: deployment.clone(),
        cron: preset.cron().into(),
        time_zone: time_zone.into(),
        targets: if preset == Preset::Daily { Vec::new() } else { external.to_vec() },
        kind: Kind::Dump,
        keep: preset.keep(),
        paused: false,
        jitter: Jitter::default(),
    })
}

/// How a planned run was settled. A planned time is settled once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    /// Its job was queued in time; how that ended stands with the job.
    Ran,
    CaughtUp,
    /// No backup was made for it.
    Missed,
}

impl Outcome {
    /// The stored and serialised form.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The one with this name; none when there is no such.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// A planned run that was settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub schedule: ScheduleName,
    pub planned_at: DateTime<Utc>,
    pub outcome: Outcome,
    pub job: Option<JobId>,
    /// One sentence; may be empty.
    pub note: String,
}

/// A run to come. `local` is the clock on the wall there: `Sun 29 Mar 2026, 03:00 CEST`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextRun {
    pub at: DateTime<Utc>,
    pub local: String,
}

/// A schedule for its page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    pub schedule: Schedule,
    /// Five; none while it is paused.
    pub next_runs: Vec<NextRun>,
    pub last_run: Option<Run>,
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn sales() -> DeploymentName {
        DeploymentName::parse("sales").expect("a name")
    }

    #[test]
    fn names_stand_in_addresses() {
        for good in ["daily", "7-days", "a"] {
            assert!(ScheduleName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "Daily", "a b", "a/b", "-a", &"x".repeat(41)] {
            assert!(ScheduleName::parse(bad).expect_err(bad).why.contains("for example daily"));
        }
        assert!(ScheduleName::parse("new").expect_err("an address").why.contains("is reserved"));
    }

    #[test]
    fn keeping_nothing_is_no_rule() {
        assert_eq!(Keep::parse(Some(0), None).expect_err("zero").field, "keep");
        assert_eq!(Keep::parse(None, Some(0)).expect_err("zero").field, "keep");
        assert_eq!(Keep::parse(Some(7), Some(3)).expect("fine").words(), "7 days, and the last 3");
        assert_eq!(Keep::default().words(), "all");
    }

    #[test]
    fn the_guidelines_plan_is_daily_here_and_weekly_and_monthly_elsewhere() {
        let [daily, weekly, monthly] = plan(&sales(), "Europe/Berlin", &[TargetName::parse("nas").expect("a name")]);
        assert_eq!((daily.keep.days, daily.targets.len()), (Some(7), 0));
        assert_eq!(
            (weekly.keep.days, &weekly.targets[..]),
            (Some(30), &[TargetName::parse("nas").expect("a name")][..])
        );
        assert_eq!((monthly.keep.days, monthly.name.as_str()), (Some(90), "monthly"));
    }

    #[test]
    fn jitter_is_bounded_and_the_same_each_time() {
        let [mut daily, ..] = plan(&sales(), "UTC", &[]);
        let at = |day: i64| DateTime::from_timestamp(day * 86_400, 0).expect("a time");
        assert_eq!(daily.start(at(1)), at(1));
        daily.jitter = Jitter::parse(30).expect("minutes");
        let offsets: std::collections::BTreeSet<i64> =
            (0..100).map(|d| (daily.start(at(d)) - at(d)).num_seconds()).collect();
        assert!(offsets.iter().all(|s| (0..=1_800).contains(s)) && offsets.len() > 50, "{offsets:?}");
        assert_eq!(daily.start(at(7)), daily.clone().start(at(7)));
        assert!(Jitter::parse(241).is_err());
    }
}
