//! Names, sizes, times and schedules.

use super::check;
use super::input::text;
use chrono::{DateTime, TimeDelta, Utc};
use domain::backup::BackupId;
use domain::channel::ChannelName;
use domain::database::DatabaseName;
use domain::deployment::DeploymentName;
use domain::member::MemberName;
use domain::memory::{Memory, parse_size};
use domain::schedule::ScheduleName;
use domain::target::TargetName;
use ops::engine::timetable::Timetable;
use proptest::prelude::*;
use proptest::sample::select;

/// What is accepted, as it is kept.
type Parse = fn(&str) -> Option<String>;

const NAMES: [(&str, Parse); 7] = [
    ("database", |text| DatabaseName::parse(text).ok().map(|name| name.as_str().to_owned())),
    ("deployment", |text| DeploymentName::parse(text).ok().map(|name| name.as_str().to_owned())),
    ("target", |text| TargetName::parse(text).ok().map(|name| name.as_str().to_owned())),
    ("backup", |text| BackupId::parse(text).ok().map(|id| id.as_str().to_owned())),
    ("channel", |text| ChannelName::parse(text).ok().map(|name| name.as_str().to_owned())),
    ("schedule", |text| ScheduleName::parse(text).ok().map(|name| name.as_str().to_owned())),
    ("member", |text| MemberName::parse(text).ok().map(|name| name.as_str().to_owned())),
];

#[test]
fn a_name_is_a_word_that_means_nothing_to_a_shell_or_a_path() {
    check(&(select(&NAMES[..]), text()), |((what, parse), text)| {
        let Some(name) = parse(&text) else { return Ok(()) };
        prop_assert_eq!(parse(&name), Some(name.clone()), "{} is read otherwise the second time", what);
        if what == "member" {
            // Never an argument or a path.
            prop_assert!(name.len() <= 400 && !name.chars().any(char::is_control), "{:?}", name);
            return Ok(());
        }
        prop_assert!(name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'), "{} {:?}", what, name);
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        prop_assert!(name.len() <= 150 && name.chars().all(plain), "{} {:?}", what, name);
        Ok(())
    });
}

#[test]
fn sizes_are_read_without_overflow() {
    let size = prop_oneof![
        text(),
        (any::<u64>(), "[kmgtKMGT]?(i?[bB])?").prop_map(|(number, unit)| format!("{number}{unit}"))
    ];
    check(&(size, text()), |(heap, page_cache)| {
        let memory = Memory {
            heap: parse_size(&heap),
            page_cache: parse_size(&heap).or(parse_size(&page_cache)),
            limit: Some(1),
        };
        prop_assert!(!memory.over_limit() || memory.configured() >= Some(1));
        Ok(())
    });
}

#[test]
fn a_size_in_bytes_is_that_many() {
    // What a float holds exactly.
    check(&(0..1u64 << 53), |bytes| {
        prop_assert_eq!(parse_size(&bytes.to_string()), Some(bytes));
        Ok(())
    });
}

fn cron() -> impl Strategy<Value = String> {
    let piece = select(
        &[
            "*", "0", "7", "59", "31", "2", "*/5", "1-5", "5-1", "L", "LW", "15W", "#", "MON", "JAN", "1,2,3", "*/0",
            "99", "-1", "?", "1/70",
        ][..],
    );
    let fields = proptest::collection::vec(piece, 3..7).prop_map(|fields| fields.join(" "));
    prop_oneof![4 => fields, 1 => text()]
}

#[test]
fn a_schedule_that_is_accepted_always_has_a_next_run_and_never_goes_back() {
    let zone =
        select(&["UTC", "Europe/Berlin", "Pacific/Apia", "America/Havana", "Asia/Kathmandu", "Mars/Olympus", ""][..]);
    check(&(cron(), zone, 0..4_000_000_000i64), |(cron, zone, seconds)| {
        let Ok(table) = Timetable::parse(&cron, zone) else { return Ok(()) };
        let after: DateTime<Utc> = DateTime::from_timestamp(seconds, 0).expect("a time");
        let runs = table.runs(after, 5);
        prop_assert_eq!(runs.len(), 5, "{} in {}", &cron, zone);
        prop_assert!(
            runs[0] > after && runs.is_sorted_by(|a, b| a < b),
            "{} in {} after {}: {:?}",
            &cron,
            zone,
            after,
            runs
        );
        // The rarest that can be written: a 29 February on one day of the week.
        prop_assert!(runs[0] - after < TimeDelta::days(366 * 41), "{} in {}: {}", &cron, zone, runs[0]);
        Ok(())
    });
}
