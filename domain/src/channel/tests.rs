use super::delivery::{ATTEMPTS, backoff, findings};
use super::*;
use crate::alarm::event::Level;
use chrono::DateTime;

fn event(kind: EventKind, of: Option<EventKind>) -> Event {
    Event { kind, of, ..Event::test("ops", "ana", DateTime::UNIX_EPOCH) }
}

fn terms(words: &[&str]) -> Terms {
    let words: Vec<String> = words.iter().map(|w| (*w).to_string()).collect();
    Terms { events: events(&words).expect("events"), paused: false, quiet: None }
}

#[test]
fn a_channel_gets_what_it_wants_and_the_end_of_it() {
    let all = terms(&[]);
    assert!(EventKind::WANTED.iter().all(|kind| all.want(&event(*kind, None))));
    let some = terms(&["overdue", "recovered", "overdue"]);
    assert!(some.want(&event(EventKind::Overdue, None)) && !some.want(&event(EventKind::BackupFailed, None)));
    assert!(some.want(&event(EventKind::Recovered, Some(EventKind::Overdue))));
    assert!(!some.want(&event(EventKind::Recovered, Some(EventKind::BackupFailed))), "it never heard the beginning");
    assert!(!terms(&["overdue"]).want(&event(EventKind::Recovered, Some(EventKind::Overdue))));
    assert!(some.want(&event(EventKind::Test, None)));
    assert!(!Terms { paused: true, ..some }.want(&event(EventKind::Overdue, None)));
}

#[test]
fn unknown_events_are_named() {
    let error = events(&["backups".to_string()]).expect_err("refused");
    assert!(error.why.contains("backups") && error.why.contains("backup_failed"), "{error}");
    assert!(events(&["test".to_string()]).is_err(), "nobody needs to want it");
}

#[test]
fn five_tries_within_an_hour_and_six_minutes() {
    let waits: Vec<_> = (1..=ATTEMPTS).map(|n| backoff(n).map(|d| d.num_minutes())).collect();
    assert_eq!(waits, [Some(1), Some(5), Some(30), Some(30), None]);
}

#[test]
fn recipients_are_read_as_they_are_written() {
    for text in ["channel:ops", "ping:sales"] {
        assert_eq!(Recipient::parse(text).expect("known").to_string(), text);
    }
    assert_eq!(Recipient::parse("pigeon:sales"), None);
}

#[test]
fn what_did_not_arrive_since_the_last_success_is_a_finding() {
    let one = |state, attempts| Delivery {
        id: 1,
        recipient: Recipient::parse("channel:ops").expect("known"),
        event: Event { level: Level::Warning, ..event(EventKind::Overdue, None) },
        at: DateTime::UNIX_EPOCH,
        attempts,
        state,
        tried_at: None,
        problem: Some("hooks.example.com does not exist.".into()),
        next_at: None,
    };
    use DeliveryState::{Delivered, Failed, Waiting};
    assert!(findings(&[one(Waiting, 0), one(Delivered, 1), one(Failed, 5)], DateTime::UNIX_EPOCH).is_empty());
    let found = findings(&[one(Waiting, 0), one(Waiting, 2), one(Failed, 5), one(Delivered, 1)], DateTime::UNIX_EPOCH);
    assert_eq!(found[0].what, "2 messages did not arrive, the first just now.");
    assert_eq!(found[0].why, "hooks.example.com does not exist. Correct the channel, then send a test.");
}
