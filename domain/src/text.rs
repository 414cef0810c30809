//! Numbers, sizes and times as people read them, and how typed text is bounded.

use crate::Invalid;
use chrono::{DateTime, Utc};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

/// A name is parsed wherever it is read: JSON of a manifest, of a request or of an older console is no way round its
/// `parse`.
macro_rules! parsed_when_read {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = $crate::Invalid;
            fn try_from(text: String) -> Result<Self, $crate::Invalid> {
                Self::parse(&text)
            }
        }
    };
}
pub(crate) use parsed_when_read;

/// The narrow no-break space that stands before a unit.
pub const THIN: char = '\u{202f}';

/// Severity of a state in the UI; always shown with an icon and a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Tone {
    Good,
    Info,
    Idle,
    Warn,
    Bad,
}

impl Tone {
    /// The stored and serialised form.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// `18402117` → `18,402,117`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `n` things: `1 node`, `3 nodes`.
pub fn plural(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// Size of a file or disk in decimal units with at most three figures: `14.2 GB`.
pub fn file_size(bytes: u64) -> String {
    scaled(bytes, 1000.0, &["B", "kB", "MB", "GB", "TB", "PB"])
}

/// Size of memory in binary units: `5.5 GiB`.
pub fn memory_size(bytes: u64) -> String {
    scaled(bytes, 1024.0, &["B", "KiB", "MiB", "GiB", "TiB", "PiB"])
}

fn scaled(bytes: u64, base: f64, units: &[&str]) -> String {
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= base - base / 2000.0 && unit + 1 < units.len() {
        value /= base;
        unit += 1;
    }
    let decimals = if unit == 0 || value >= 99.95 { 0 } else { 1 };
    let number = format!("{value:.decimals$}");
    let number = number.strip_suffix(".0").unwrap_or(&number);
    format!("{number}{THIN}{}", units[unit])
}

/// `160` seconds → `2 min 40 s`.
pub fn duration(seconds: u64) -> String {
    let (d, h, m, s) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    match (d, h, m) {
        (0, 0, 0) => format!("{s}{THIN}s"),
        (0, 0, _) if s == 0 => format!("{m}{THIN}min"),
        (0, 0, _) => format!("{m}{THIN}min {s}{THIN}s"),
        (0, _, 0) => format!("{h}{THIN}h"),
        (0, _, _) => format!("{h}{THIN}h {m}{THIN}min"),
        (_, 0, _) => plural(d, "day", "days"),
        _ => format!("{} {h}{THIN}h", plural(d, "day", "days")),
    }
}

/// A short duration with one decimal below ten seconds: `1.8 s`.
pub fn took(millis: u64) -> String {
    if millis < 9_950 { format!("{:.1}{THIN}s", millis as f64 / 1000.0) } else { duration((millis + 500) / 1000) }
}

/// The last line of a log that says something.
pub fn last_line(log: &str) -> &str {
    log.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("It printed nothing.")
}

/// How long ago, coarse: `6 h ago`; over 30 days the date.
pub fn ago(then: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = (now - then).num_seconds();
    match seconds {
        ..=4 => "just now".into(),
        5..=59 => format!("{seconds}{THIN}s ago"),
        60..=3_599 => format!("{}{THIN}min ago", seconds / 60),
        3_600..=86_399 => format!("{}{THIN}h ago", seconds / 3600),
        86_400..=2_591_999 => format!("{} ago", plural((seconds / 86_400) as u64, "day", "days")),
        _ => then.format("%-d %b %Y").to_string(),
    }
}

/// The whole time for a `title` attribute: `Mon 23 Nov 2026, 03:02 UTC`.
pub fn full_time(at: DateTime<Utc>) -> String {
    at.format("%a %-d %b %Y, %H:%M UTC").to_string()
}

/// Clock time, for logs and running jobs: `09:37:02`.
pub fn clock(at: DateTime<Utc>) -> String {
    at.format("%H:%M:%S").to_string()
}

/// Why somebody does something: trimmed, one paragraph, at most 500 characters; may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason(String);

impl Reason {
    /// Characters of a reason, at most.
    pub const MAX: usize = 500;

    /// Empty text is no reason. Refuses control characters and more than [`Reason::MAX`] characters.
    pub fn optional(text: &str) -> Result<Self, Invalid> {
        Self::optional_in("reason", text)
    }

    /// The same in a field of another name.
    pub fn optional_in(field: &str, text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let length = text.chars().count();
        if length > Self::MAX {
            return Err(Invalid::new(
                field,
                format!("The reason has {} characters. Write at most {}.", count(length as u64), Self::MAX),
            ));
        }
        if text.chars().any(|c| c.is_control() && c != '\n' && c != '\r' && c != '\t') {
            return Err(Invalid::new(field, "The reason holds control characters. Write plain text."));
        }
        Ok(Self(text.into()))
    }

    /// As [`Reason::optional`], but something must be written.
    pub fn required(text: &str) -> Result<Self, Invalid> {
        let reason = Self::optional(text)?;
        if reason.0.is_empty() {
            return Err(Invalid::new("reason", "Write why you do this. It is kept with the job and in the audit log."));
        }
        Ok(reason)
    }

    /// The stored and serialised form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What stays as it is in a value of an address.
const PLAIN: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// As a value in an address: everything but letters, digits and `-._~/` percent-encoded.
pub fn percent(text: &str) -> String {
    utf8_percent_encode(text, &PLAIN).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_in_an_address_keeps_only_what_means_nothing_there() {
        assert_eq!(percent("/a-b.c_d~e?x=1&ü+ %"), "/a-b.c_d~e%3Fx%3D1%26%C3%BC%2B%20%25");
    }

    #[test]
    fn sizes_have_at_most_three_figures_and_a_unit() {
        assert_eq!(file_size(0), "0\u{202f}B");
        assert_eq!(file_size(999), "999\u{202f}B");
        assert_eq!(file_size(14_200_000_000), "14.2\u{202f}GB");
        assert_eq!(file_size(999_999), "1\u{202f}MB");
        assert_eq!(memory_size(5 * 1024 * 1024 * 1024 + 512 * 1024 * 1024), "5.5\u{202f}GiB");
        assert_eq!(count(18_402_117), "18,402,117");
        assert_eq!(count(100), "100");
    }

    #[test]
    fn durations_read_as_people_say_them() {
        assert_eq!(duration(160), "2\u{202f}min 40\u{202f}s");
        assert_eq!(duration(59), "59\u{202f}s");
        assert_eq!(duration(3_600), "1\u{202f}h");
        assert_eq!(duration(90_000), "1 day 1\u{202f}h");
        assert_eq!(took(1_800), "1.8\u{202f}s");
    }

    #[test]
    fn a_reason_of_ten_thousand_characters_is_refused_with_its_length() {
        let error = Reason::optional(&"x".repeat(10_000)).expect_err("too long");
        assert!(error.why.contains("10,000"), "{error}");
        assert!(Reason::required("  ").is_err());
        assert_eq!(Reason::required(" before <script> 🚀 ").expect("fine").as_str(), "before <script> 🚀");
    }
}
