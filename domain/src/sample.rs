//! Figures of a deployment over time: what is measured, and how long it is kept how finely.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// What is measured. Its name in the table follows from the variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Metric {
    /// Percent of one CPU: 200 is two CPUs, wholly.
    Cpu,
    /// Bytes the container uses, without what the kernel may drop.
    Memory,
    Nodes,
    Relationships,
    /// Bytes of everything below `/data`.
    Data,
    /// Free bytes where the data lies.
    Free,
}

impl Metric {
    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// One figure at one time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    pub at: DateTime<Utc>,
    pub value: f64,
}

/// Between two samples of one metric.
pub const SAMPLE_INTERVAL: TimeDelta = TimeDelta::minutes(1);
/// So long each sample is kept.
pub const FINE: TimeDelta = TimeDelta::days(2);
/// Of older ones, one in so much time.
pub const COARSE_EVERY: TimeDelta = TimeDelta::minutes(15);
/// Older ones are removed.
pub const LONGEST: TimeDelta = TimeDelta::days(90);

/// The time a sample is stored under, so that samples of all metrics fall together and the coarse ones can be told.
pub fn slot(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(SAMPLE_INTERVAL).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_read_as_they_are_written() {
        for metric in Metric::VARIANTS {
            assert_eq!(metric.as_str().parse(), Ok(*metric));
        }
    }

    #[test]
    fn a_sample_belongs_to_its_minute() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        assert_eq!(slot(at("2026-11-29T21:34:59.999Z")), at("2026-11-29T21:34:00Z"));
        assert_eq!(slot(at("2026-11-29T21:35:00Z")), at("2026-11-29T21:35:00Z"));
    }
}
