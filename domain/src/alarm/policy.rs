//! How often the same thing is told, when its end is told, and when people want quiet. Pure: the loop that asks is in
//! `ops/background/alarms`.

use super::event::{Event, Kind, Level};
use crate::Invalid;
use crate::deployment::DeploymentName;
use crate::text::duration;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// The same event of the same deployment is told again only after this many hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Repeat(u32);

impl Default for Repeat {
    fn default() -> Self {
        Self(24)
    }
}

impl Repeat {
    /// Refused unless it is 1 to 720.
    pub fn hours(hours: u32) -> Result<Self, Invalid> {
        let wrong = || Invalid::new("repeat_hours", "Enter 1 to 720 hours after which an alarm is repeated.");
        if (1..=720).contains(&hours) { Ok(Self(hours)) } else { Err(wrong()) }
    }

    /// Hours between two messages of the same alarm.
    pub const fn as_hours(self) -> u32 {
        self.0
    }
}

/// Something that was found and is not over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    pub kind: Kind,
    pub deployment: DeploymentName,
    pub since: DateTime<Utc>,
    /// Time and level of the last notification; `None` while no channel wanted it.
    pub told: Option<(DateTime<Utc>, Level)>,
}

/// Whether this event is told now: never before, worse than before, or long enough ago. `open` is the alarm of the same
/// kind and deployment.
pub fn is_due(event: &Event, open: Option<&Open>, repeat: Repeat) -> bool {
    let Some((at, level)) = open.filter(|_| event.kind.lasts()).and_then(|o| o.told) else { return true };
    // A clock that was set back must not silence an alarm for longer than its repeat.
    let ago = (event.at - at).abs();
    event.level > level || ago >= TimeDelta::hours(i64::from(repeat.0))
}

/// The message that an alarm is over; none when nobody was told that it began.
pub fn recovery(open: &Open, now: DateTime<Utc>) -> Option<Event> {
    open.told?;
    let name = &open.deployment;
    let title = match open.kind {
        Kind::Overdue => format!("{name} has a verified backup again."),
        Kind::RunMissed => format!("The schedules of {name} run again, or a backup was made by hand."),
        Kind::BackupFailed => format!("A backup of {name} succeeded again."),
        Kind::TargetFailed => format!("The target of {name} is available again."),
        Kind::DrillFailed => format!("The drill of {name} succeeded."),
        Kind::StuckJob => format!("No job of {name} is stuck any more."),
        Kind::DataReplaced => format!("{name} has the data of its backups again, or it was accepted."),
        Kind::RestoreDone | Kind::Recovered | Kind::BackupVerified | Kind::Test => return None,
    };
    let lasted = duration((now - open.since).num_seconds().max(0).unsigned_abs());
    Some(Event {
        kind: Kind::Recovered,
        of: Some(open.kind),
        level: Level::Info,
        title,
        means: format!("Duration: {lasted}."),
        todo: Vec::new(),
        deployment: Some(name.clone()),
        job: None,
        at: now,
    })
}

/// Hours in which a channel gets only the worst. From and to are minutes of the local day; they may pass midnight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    pub from: Minute,
    pub to: Minute,
    /// IANA name, for example `Europe/Vienna`. Whether it exists is checked where the zones are known.
    pub time_zone: String,
}

/// Minute of a day, 0–1439; written `22:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Minute(u16);

impl Minute {
    /// From `22:00` or `7:00`; `field` is named in the refusal.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        let wrong = || Invalid::new(field, "Write a time of day as hours and minutes, for example 22:00.");
        let (hours, minutes) = text
            .trim()
            .split_once(':')
            .filter(|(h, m)| (1..=2).contains(&h.len()) && m.len() == 2)
            .ok_or_else(wrong)?;
        let number = |digits: &str| {
            digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse::<u16>().ok()).flatten().ok_or_else(wrong)
        };
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        if hours < 24 && minutes < 60 { Ok(Self(hours * 60 + minutes)) } else { Err(wrong()) }
    }

    /// Of a local time of day.
    pub fn of(hour: u32, minute: u32) -> Self {
        Self((hour % 24 * 60 + minute % 60) as u16)
    }
}

impl TryFrom<String> for Minute {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse("time", &text)
    }
}

impl From<Minute> for String {
    fn from(minute: Minute) -> Self {
        minute.to_string()
    }
}

impl std::fmt::Display for Minute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Quiet {
    /// Whether a message of this level waits at this local time. Equal ends mean the whole day.
    pub fn holds(&self, level: Level, local: Minute) -> bool {
        let inside = if self.from < self.to {
            (self.from..self.to).contains(&local)
        } else {
            local >= self.from || local < self.to
        };
        level < Level::Critical && inside
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::freshness::{Allowance, Freshness};

    fn name() -> DeploymentName {
        DeploymentName::parse("sales").expect("a name")
    }

    fn overdue(hours: i64) -> Event {
        let made = DateTime::UNIX_EPOCH;
        Event::overdue(&name(), &Freshness::compute(Some(made), Allowance::default(), made + TimeDelta::hours(hours)))
    }

    fn open(told: Option<(i64, Level)>) -> Open {
        let hours = |h| DateTime::UNIX_EPOCH + TimeDelta::hours(h);
        Open {
            kind: Kind::Overdue,
            deployment: name(),
            since: hours(26),
            told: told.map(|(h, level)| (hours(h), level)),
        }
    }

    #[test]
    fn the_same_is_told_again_after_a_day_or_when_it_grew_worse() {
        let told = open(Some((27, Level::Warning)));
        assert!(is_due(&overdue(27), None, Repeat::default()));
        assert!(is_due(&overdue(28), Some(&open(None)), Repeat::default()), "there was no channel yet");
        assert!(!is_due(&overdue(28), Some(&told), Repeat::default()));
        assert!(!is_due(&overdue(50), Some(&told), Repeat::default()));
        assert!(is_due(&overdue(51), Some(&told), Repeat::default()), "after 24 hours");
        assert!(is_due(&overdue(53), Some(&open(Some((52, Level::Warning)))), Repeat::default()), "it became critical");
        assert!(!is_due(&overdue(54), Some(&open(Some((53, Level::Critical)))), Repeat::default()));
        assert!(is_due(&overdue(28), Some(&told), Repeat::hours(1).expect("fine")));
    }

    #[test]
    fn a_clock_set_back_by_days_does_not_silence() {
        assert!(is_due(&overdue(30), Some(&open(Some((80, Level::Critical)))), Repeat::default()));
    }

    #[test]
    fn what_does_not_last_is_told_each_time() {
        let done = Event { kind: Kind::RestoreDone, ..overdue(27) };
        assert!(is_due(&done, Some(&open(Some((27, Level::Critical)))), Repeat::default()));
    }

    #[test]
    fn the_end_is_told_to_those_who_knew_the_beginning() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::hours(31);
        assert_eq!(recovery(&open(None), now), None);
        let over = recovery(&open(Some((27, Level::Warning))), now).expect("told");
        assert_eq!((over.kind, over.of, over.level), (Kind::Recovered, Some(Kind::Overdue), Level::Info));
        assert_eq!(
            (over.title.as_str(), over.means.as_str()),
            ("sales has a verified backup again.", "Duration: 5\u{202f}h.")
        );
    }

    #[test]
    fn quiet_hours_pass_midnight_and_let_the_worst_through() {
        let at = |text| Minute::parse("from", text).expect("a time");
        let night = Quiet { from: at("22:00"), to: at("7:00"), time_zone: "UTC".into() };
        for (time, quiet) in
            [("21:59", false), ("22:00", true), ("00:00", true), ("06:59", true), ("07:00", false), ("12:00", false)]
        {
            assert_eq!(night.holds(Level::Warning, at(time)), quiet, "{time}");
            assert!(!night.holds(Level::Critical, at(time)), "{time}");
        }
        let lunch = Quiet { from: at("12:00"), to: at("13:00"), ..night };
        assert!(lunch.holds(Level::Info, at("12:30")) && !lunch.holds(Level::Info, at("13:00")));
        for wrong in ["", "24:00", "7", "7:5", "+7:05", "aa:bb", "12:60", "123:00"] {
            assert!(Minute::parse("from", wrong).is_err(), "{wrong}");
        }
        assert_eq!(serde_json::to_string(&at("7:05")).expect("json"), "\"07:05\"");
    }
}
