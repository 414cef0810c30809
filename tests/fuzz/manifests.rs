//! `manifest.json`, as an upload or a target brings it.

use super::input::{changed, damaged};
use super::{check, runtime};
use crate::rest_api::backed_up;
use chrono::{DateTime, TimeDelta, Utc};
use domain::backup::{BackupId, LARGEST, Manifest};
use domain::database::DatabaseName;
use fakes::FakeClock;
use ops::engine::bundle::{digest, guide, sums, understand};
use ports::Clock;
use proptest::prelude::*;
use serde_json::Value;

/// After the backup was made, on the clock of its console.
fn now() -> DateTime<Utc> {
    FakeClock::default().now() + TimeDelta::days(1)
}

/// Of a real backup.
fn whole() -> (BackupId, String) {
    let (robot, id) = runtime().block_on(backed_up());
    let files = robot.site.inside.target.files.lock().expect("files");
    let text = String::from_utf8(files[&format!("{id}/manifest.json")].clone()).expect("text");
    (BackupId::parse(&id).expect("an id"), text)
}

/// Everything that is done with one before its parts are read.
fn understood(id: &BackupId, text: &str) -> Result<(), TestCaseError> {
    let Ok(manifest) = understand(id, text, now()) else { return Ok(()) };
    let again: Manifest = serde_json::from_str(&serde_json::to_string(&manifest).expect("json")).expect("read again");
    prop_assert_eq!(&again, &manifest);
    prop_assert!(manifest.bytes() <= LARGEST.saturating_mul(manifest.parts.len() as u64));
    prop_assert!(manifest.databases.iter().all(|content| DatabaseName::parse(content.database.as_str()).is_ok()));
    for encrypted in [false, true] {
        let written = format!(
            "{}{}{}",
            guide(&manifest, "graph-data", encrypted),
            sums(&manifest.parts),
            digest(&manifest.parts)
        );
        prop_assert!(!written.chars().any(|c| c.is_control() && c != '\n'), "{written:?}");
    }
    Ok(())
}

#[test]
fn changed_values_are_refused_or_harmless() {
    let (id, text) = whole();
    is_understood(&id, &text);
    let value: Value = serde_json::from_str(&text).expect("json");
    check(&changed(value), |value| understood(&id, &value.to_string()));
}

#[test]
fn damaged_texts_are_refused_or_harmless() {
    let (id, text) = whole();
    check(&damaged(text.into_bytes()), |damaged| understood(&id, &String::from_utf8_lossy(&damaged.bytes)));
}

/// Or the tests above would try nothing.
fn is_understood(id: &BackupId, text: &str) {
    understand(id, text, now()).expect("it is a manifest as it is");
}
