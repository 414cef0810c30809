//! The rules one by one, and what must hold for any backups and any rules.

use super::*;
use std::collections::BTreeSet;

fn day(n: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(n * 86_400, 0).expect("a time")
}

fn name(text: &str) -> ScheduleName {
    ScheduleName::parse(text).expect("a name")
}

fn made(n: i64, schedule: &str) -> Stored {
    let id = BackupId::parse(&format!("sales-{n}-{schedule}")).expect("an id");
    let schedule = (!schedule.is_empty()).then(|| name(schedule));
    Stored {
        id,
        made_at: day(n),
        schedule,
        verified: true,
        pinned: false,
        store: "A".into(),
        nodes: 1_000,
        accepted_since: false,
    }
}

fn rule(days: impl Into<Option<u32>>, count: impl Into<Option<u32>>) -> Rules {
    [(name("daily"), Rule { keep: Keep::parse(days.into(), count.into()).expect("a rule"), coming: Vec::new() })].into()
}

fn gone(stored: &[Stored], rules: &Rules, now: DateTime<Utc>) -> BTreeSet<i64> {
    decide(stored, rules, now).into_iter().filter(|v| v.goes).map(|v| v.made_at.timestamp() / 86_400).collect()
}

#[test]
fn by_age_a_backup_goes_once_it_is_so_many_days_old() {
    let all: Vec<Stored> = (0..10).map(|n| made(n, "daily")).collect();
    assert_eq!(gone(&all, &rule(7, None), day(9)), [0, 1, 2].into());
    assert_eq!(gone(&all, &rule(7, None), day(9) - TimeDelta::seconds(1)), [0, 1].into());
}

#[test]
fn by_count_the_last_verified_ones_stay_and_broken_ones_do_not_count() {
    let mut all: Vec<Stored> = (0..6).map(|n| made(n, "daily")).collect();
    assert_eq!(gone(&all, &rule(None, 3), day(9)), [0, 1, 2].into());
    all[4].verified = false;
    assert_eq!(gone(&all, &rule(None, 3), day(9)), [0, 1].into());
}

#[test]
fn with_both_rules_a_backup_goes_only_when_both_let_it_go() {
    let all: Vec<Stored> = (0..10).map(|n| made(n, "daily")).collect();
    assert_eq!(gone(&all, &rule(2, 5), day(9)), (0..5).collect(), "five newer ones, though eight are old");
    assert_eq!(gone(&all, &rule(7, 1), day(9)), (0..3).collect(), "seven days, though one would do");
}

#[test]
fn the_newest_verified_pinned_ones_and_those_by_hand_stay() {
    let mut all = vec![made(0, ""), made(1, "daily"), made(2, "daily"), made(3, "daily"), made(4, "weekly")];
    all[1].pinned = true;
    all[4].verified = false;
    let decisions = decide(&all, &rule(1, None), day(99));
    let why = |n: usize| decisions[4 - n].why.as_str();
    assert_eq!(gone(&all, &rule(1, None), day(99)), [2].into());
    assert!(
        why(0).starts_with("Made by hand") && why(1).starts_with("Pinned") && why(3).starts_with("The newest verified"),
        "{decisions:?}"
    );
    assert!(why(4).contains("weekly was removed"));
    assert_eq!(why(2), "daily keeps 1 day; this one has expired.");
    assert_eq!(gone(&all, &rule(None, None), day(99)), [].into(), "without a rule all are kept");
}

#[test]
fn the_forecast_says_when_each_one_goes() {
    let all: Vec<Stored> = (0..3).map(|n| made(n, "daily")).collect();
    let mut rules = rule(7, 2);
    rules.get_mut(&name("daily")).expect("a rule").coming = (3..6).map(day).collect();
    let at: Vec<_> = decide(&all, &rules, day(2)).into_iter().map(|v| v.goes_at).collect();
    // By age on days 9, 8 and 7; by then two newer ones exist.
    assert_eq!(at, [Some(day(9)), Some(day(8)), Some(day(7))]);
    let at: Vec<_> = decide(&all, &rule(None, 3), day(2)).into_iter().map(|v| (v.goes_at, v.why)).collect();
    assert_eq!(
        at[2],
        (None, "daily keeps the last 3; removed after 1 more.".into()),
        "nobody said when the next one comes"
    );
}

/// A small generator: the same cases each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn backups(&mut self) -> Vec<Stored> {
        let n = self.below(25).cast_signed();
        (0..n)
            .map(|i| {
                let mut one = made(i, ["", "daily", "daily", "weekly", "lost"][self.below(5) as usize]);
                one.made_at = day(self.below(60).cast_signed());
                (one.verified, one.pinned) = (self.below(4) > 0, self.below(8) == 0);
                one
            })
            .collect()
    }

    fn rules(&mut self) -> Rules {
        let mut some = |n| (self.below(2) == 0).then(|| self.below(n) as u32 + 1);
        ["daily", "weekly"]
            .map(|s| (name(s), Rule { keep: Keep { days: some(40), count: some(6) }, coming: vec![day(61)] }))
            .into()
    }
}

#[test]
fn whatever_the_backups_and_the_rules_are() {
    let mut chance = Chance(1);
    for case in 0..5_000 {
        let (stored, rules, now) = (chance.backups(), chance.rules(), day(chance.below(80).cast_signed()));
        let decisions = decide(&stored, &rules, now);
        assert_eq!(decisions.len(), stored.len());
        let newest = stored.iter().filter(|b| b.verified).max_by_key(|b| (b.made_at, &b.id)).map(|b| &b.id);
        for v in decisions.iter().filter(|v| v.goes) {
            assert!(Some(&v.id) != newest && !v.pinned, "case {case}: {v:?}");
            let rule = v
                .schedule
                .as_ref()
                .and_then(|s| rules.get(s))
                .unwrap_or_else(|| panic!("case {case}: no rule for {v:?}"));
            let newer = stored
                .iter()
                .filter(|b| b.verified && b.schedule == v.schedule && (b.made_at, &b.id) > (v.made_at, &v.id))
                .count();
            assert!(
                rule.keep.days.is_none_or(|d| now - v.made_at >= TimeDelta::days(d.into())),
                "case {case}: too young {v:?}"
            );
            assert!(rule.keep.count.is_none_or(|c| newer >= c as usize), "case {case}: too few newer {v:?}");
        }
        let left: Vec<Stored> =
            stored.iter().filter(|b| decisions.iter().any(|v| v.id == b.id && !v.goes)).cloned().collect();
        assert!(decide(&left, &rules, now).iter().all(|v| !v.goes), "case {case}: a second look removes nothing more");
        let mut turned = stored.clone();
        turned.reverse();
        assert_eq!(decide(&turned, &rules, now), decisions, "case {case}: the order they are found in is no matter");
        let later = decide(&stored, &rules, now + TimeDelta::days(3));
        assert!(
            decisions.iter().zip(&later).all(|(a, b)| !a.goes || b.goes),
            "case {case}: what goes now goes later too"
        );
    }
}

#[test]
fn the_last_backup_of_data_that_is_gone_stays_until_somebody_accepts_the_present_data() {
    // The container came back on an empty volume, and its schedule kept one backup.
    let mut all: Vec<Stored> = (0..6).map(|n| made(n, "daily")).collect();
    for empty in &mut all[4..] {
        (empty.store, empty.nodes) = ("B".into(), 0);
    }
    assert_eq!(gone(&all, &rule(None, 1), day(9)), [0, 1, 2, 4].into(), "3 is the newest of the former store");
    let why = decide(&all, &rule(None, 1), day(9))[2].why.clone();
    assert!(why.contains("data that is no longer there"), "{why}");
    // The same by the count alone, where the identity is not known.
    all.iter_mut().for_each(|b| b.store = String::new());
    assert_eq!(gone(&all, &rule(None, 1), day(9)), [0, 1, 2, 4].into());
    all[..4].iter_mut().for_each(|b| b.accepted_since = true);
    assert_eq!(gone(&all, &rule(None, 1), day(9)), [0, 1, 2, 3, 4].into());
    // A graph that only shrinks is not lost.
    all.iter_mut().for_each(|b| (b.accepted_since, b.nodes) = (false, if b.nodes == 0 { 100 } else { 1_000 }));
    assert_eq!(gone(&all, &rule(None, 1), day(9)), [0, 1, 2, 3, 4].into());
}
