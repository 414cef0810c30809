//! How sign-ins are slowed down: whose tries are counted together, and how long the next one waits. Pure; the counts
//! are kept in `ops/store/sign_ins.rs`.

use crate::text::duration;
use chrono::{DateTime, TimeDelta, Utc};
use std::net::{IpAddr, Ipv6Addr};

/// How long a network counts as known for an account after a successful sign-in.
pub const KNOWN_FOR: TimeDelta = TimeDelta::days(30);

/// What attempts are counted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThrottleKey {
    /// What the attempts have in common, as it is stored.
    pub subject: String,
    /// Times as many attempts are free as of one person who mistypes.
    pub factor: u32,
}

/// Wrong tries, or such as are under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailedAttempts {
    pub count: u32,
    pub last: DateTime<Utc>,
}

/// What a try of this account from this network counts for. Only who guesses is slowed down, not who owns the account:
/// tries are counted for the account at this network; for the network, which a whole office may share; and, where the
/// account never signed in from, for the account wherever they come from, so that many networks guess no faster.
pub fn throttle_keys(account: &str, network: &str, known: bool) -> Vec<ThrottleKey> {
    let of = |subject: String, factor| ThrottleKey { subject, factor };
    // A network has no space in it, so no name of an account makes its subject another one's.
    let mut all = vec![of(format!("at {network} {}", account.to_lowercase()), 1), of(format!("address {network}"), 10)];
    if !known {
        all.push(of(of_account(account), 10));
    }
    all
}

/// Of an account wherever tries come from.
pub fn of_account(account: &str) -> String {
    format!("account {}", account.to_lowercase())
}

/// The address, or of IPv6 the first half: one line has the other half to itself.
pub fn network_of(address: &str) -> String {
    match address.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
        Ok(IpAddr::V6(six)) => format!("{}/64", Ipv6Addr::from_bits(six.to_bits() & !u128::from(u64::MAX))),
        Ok(IpAddr::V4(four)) => four.to_string(),
        Err(_) => address.to_owned(),
    }
}

impl FailedAttempts {
    /// Half of them are forgotten each hour. A last try in the future is of a clock that was wrong.
    fn at(self, now: DateTime<Utc>) -> u32 {
        let hours = u32::try_from((now - self.last).num_hours().max(0)).unwrap_or(u32::MAX);
        self.count.checked_shr(hours).unwrap_or(0)
    }

    /// With one more.
    pub fn and_one(before: Option<Self>, now: DateTime<Utc>) -> Self {
        Self { count: before.map_or(0, |tries| tries.at(now)).saturating_add(1), last: now }
    }

    /// How long the next one must wait, in words. None: not at all.
    pub fn wait(self, factor: u32, now: DateTime<Utc>) -> Option<String> {
        let until = self.last.min(now) + TimeDelta::seconds(delay(self.at(now) / factor.max(1)).cast_signed());
        (now < until).then(|| duration((until - now).num_seconds().max(1).unsigned_abs()))
    }
}

/// Seconds that the next try waits after so many wrong ones. Three are free (typing), then it doubles up to a quarter
/// of an hour.
fn delay(tries: u32) -> u64 {
    match tries {
        0..=2 => 0,
        n => 1u64.checked_shl(n - 3).unwrap_or(900).min(900),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    #[test]
    fn three_tries_are_free_and_then_the_wait_doubles() {
        assert_eq!([0, 2, 3, 4, 8, 13, 100, u32::MAX].map(delay), [0, 0, 1, 2, 32, 900, 900, 900]);
        let tries = |count| FailedAttempts { count, last: at(0) };
        assert_eq!(tries(2).wait(1, at(0)), None);
        assert_eq!(tries(5).wait(1, at(0)).as_deref(), Some(duration(4).as_str()));
        assert_eq!(tries(29).wait(10, at(0)), None);
        assert!(tries(200).wait(10, at(14)).is_some() && tries(200).wait(10, at(16)).is_none());
    }

    #[test]
    fn tries_are_forgotten_by_and_by() {
        let many = FailedAttempts { count: 40, last: at(0) };
        assert_eq!(FailedAttempts::and_one(Some(many), at(59)).count, 41);
        assert_eq!(FailedAttempts::and_one(Some(many), at(180)).count, 6);
        assert_eq!(FailedAttempts::and_one(Some(many), at(100_000)).count, 1);
    }

    #[test]
    fn a_clock_that_was_ahead_locks_nobody_out_for_longer_than_the_wait() {
        let ahead = FailedAttempts { count: 20, last: at(10_000) };
        assert_eq!(ahead.wait(1, at(0)).as_deref(), Some(duration(900).as_str()));
        assert_eq!(FailedAttempts::and_one(Some(ahead), at(0)), FailedAttempts { count: 21, last: at(0) });
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one_and_an_address_of_ipv4_in_any_spelling() {
        assert_eq!(network_of("2001:db8:1:2:3:4:5:6"), network_of("2001:db8:1:2:ffff::"));
        assert_ne!(network_of("2001:db8:1:2::"), network_of("2001:db8:1:3::"));
        assert_eq!(network_of("::ffff:203.0.113.9"), "203.0.113.9");
        assert_eq!(network_of(""), "");
    }

    #[test]
    fn where_an_account_has_signed_in_before_the_tries_of_strangers_do_not_count() {
        let subjects =
            |known| throttle_keys("Ana", "203.0.113.9", known).into_iter().map(|c| c.subject).collect::<Vec<_>>();
        assert_eq!(subjects(true), ["at 203.0.113.9 ana", "address 203.0.113.9"]);
        assert_eq!(subjects(false)[2], "account ana");
    }
}
