//! How often, as a form asks it, and the cron expression behind it. People choose words; the expression is what is
//! stored.

use crate::Invalid;
use strum::IntoStaticStr;

/// In the order of a form. A week begins on Monday.
pub const WEEKDAYS: [(&str, &str); 7] = [
    ("MON", "Monday"),
    ("TUE", "Tuesday"),
    ("WED", "Wednesday"),
    ("THU", "Thursday"),
    ("FRI", "Friday"),
    ("SAT", "Saturday"),
    ("SUN", "Sunday"),
];

/// How often a schedule runs, as the form asks for it.
#[derive(Debug, Clone, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Recurrence {
    /// At hour and minute.
    Daily(u8, u8),
    /// On a weekday, as [`WEEKDAYS`] shortens it.
    Weekly(&'static str, u8, u8),
    /// On a day of the month, 1 to 28: every month has it.
    Monthly(u8, u8, u8),
    /// Anything else.
    Cron(String),
}

impl Recurrence {
    /// From the fields of a form; of those a choice does not need, nothing is read.
    ///
    /// # Errors
    /// A sentence for the field that is wrong.
    pub fn parse(often: &str, at: &str, weekday: &str, day: &str, cron: &str) -> Result<Self, Invalid> {
        Ok(match often {
            "daily" => {
                let (hour, minute) = clock(at)?;
                Self::Daily(hour, minute)
            }
            "weekly" => {
                let (hour, minute) = clock(at)?;
                Self::Weekly(
                    short(weekday).ok_or_else(|| Invalid::new("weekday", "Choose a day of the week."))?,
                    hour,
                    minute,
                )
            }
            "monthly" => {
                let (hour, minute) = clock(at)?;
                let day = day.trim().parse().ok().filter(|d| (1..=28).contains(d));
                Self::Monthly(
                    day.ok_or_else(|| Invalid::new("day", "Write a day from 1 to 28: every month has those."))?,
                    hour,
                    minute,
                )
            }
            "cron" => Self::Cron(cron.trim().into()),
            _ => return Err(Invalid::new("often", "Choose daily, weekly, monthly or cron.")),
        })
    }

    /// What a stored expression would be in the form.
    pub fn of(cron: &str) -> Self {
        let parts: Vec<&str> = cron.split_whitespace().collect();
        let number = |text: &str, most: u8| text.parse::<u8>().ok().filter(|n| *n <= most);
        let found = match parts[..] {
            [minute, hour, day, "*", weekday] => {
                number(hour, 23).zip(number(minute, 59)).and_then(|(hour, minute)| match (day, weekday) {
                    ("*", "*") => Some(Self::Daily(hour, minute)),
                    ("*", weekday) => Some(Self::Weekly(short(weekday)?, hour, minute)),
                    (day, "*") => Some(Self::Monthly(number(day, 28).filter(|d| *d > 0)?, hour, minute)),
                    _ => None,
                })
            }
            _ => None,
        };
        found.unwrap_or_else(|| Self::Cron(cron.into()))
    }

    /// As a cron expression.
    pub fn cron(&self) -> String {
        match self {
            Self::Daily(hour, minute) => format!("{minute} {hour} * * *"),
            Self::Weekly(weekday, hour, minute) => format!("{minute} {hour} * * {weekday}"),
            Self::Monthly(day, hour, minute) => format!("{minute} {hour} {day} * *"),
            Self::Cron(cron) => cron.clone(),
        }
    }

    /// The word in the form.
    pub fn as_str(&self) -> &'static str {
        self.into()
    }

    /// `03:15`; of an expression the usual hour of the night.
    pub fn at(&self) -> String {
        match self {
            Self::Daily(hour, minute) | Self::Weekly(_, hour, minute) | Self::Monthly(_, hour, minute) => {
                format!("{hour:02}:{minute:02}")
            }
            Self::Cron(_) => "03:15".into(),
        }
    }

    /// As a list says it: `Each Sunday at 04:15`.
    pub fn words(&self) -> String {
        match self {
            Self::Daily(..) => format!("Each day at {}", self.at()),
            Self::Weekly(weekday, ..) => {
                let long = WEEKDAYS.iter().find(|(short, _)| short == weekday).map_or(*weekday, |(_, long)| long);
                format!("Each {long} at {}", self.at())
            }
            Self::Monthly(day, ..) => format!("On day {day} of each month at {}", self.at()),
            Self::Cron(cron) => cron.clone(),
        }
    }
}

fn short(weekday: &str) -> Option<&'static str> {
    WEEKDAYS.iter().map(|(short, _)| *short).find(|short| short.eq_ignore_ascii_case(weekday.trim()))
}

fn clock(text: &str) -> Result<(u8, u8), Invalid> {
    let parts = text.trim().split_once(':').and_then(|(hour, minute)| Some((hour.parse().ok()?, minute.parse().ok()?)));
    parts
        .filter(|(hour, minute)| *hour < 24 && *minute < 60)
        .ok_or_else(|| Invalid::new("at", "Write a time of the day, for example 03:15."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::Preset;

    #[test]
    fn what_a_form_says_comes_back_as_it_was_said() {
        for (often, cron) in
            [("daily", "15 3 * * *"), ("weekly", "15 3 * * SUN"), ("monthly", "15 3 5 * *"), ("cron", "*/5 1 * * *")]
        {
            let said = Recurrence::parse(often, "03:15", "sun", " 5 ", " */5 1 * * * ").expect("right");
            assert_eq!((said.as_str(), said.cron().as_str()), (often, cron));
            assert_eq!(Recurrence::of(cron), said);
        }
        assert!(
            Preset::ALL.iter().all(|p| Recurrence::of(p.cron()).as_str() == p.as_str()),
            "the three-tier plan is told in words"
        );
        assert_eq!(Recurrence::of("15 4 * * SUN").words(), "Each Sunday at 04:15");
    }

    #[test]
    fn what_is_wrong_is_named_by_its_field() {
        for (often, at, weekday, day, field) in [
            ("hourly", "03:15", "MON", "1", "often"),
            ("daily", "25:00", "MON", "1", "at"),
            ("daily", "noon", "MON", "1", "at"),
            ("weekly", "03:15", "someday", "1", "weekday"),
            ("monthly", "03:15", "MON", "31", "day"),
        ] {
            assert_eq!(Recurrence::parse(often, at, weekday, day, "").expect_err("wrong").field, field);
        }
        for odd in ["0 3 31 * *", "0 3 1 * MON", "0 3 1 2 *", "", "x", "61 3 * * *"] {
            assert_eq!(Recurrence::of(odd), Recurrence::Cron(odd.into()), "{odd}");
        }
    }
}
