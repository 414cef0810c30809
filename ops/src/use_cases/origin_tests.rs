//! Backups that are not this console's own, or may not be: listed and read, loaded only after somebody said so, and
//! counted on by nothing.

use crate::engine::bundle::{MANIFEST, SEAL};
use crate::error::Error;
use crate::jobs::stage::{Stage, graph, sales, upload};
use crate::testing::actor;
use crate::use_cases::backups::AcceptBackup;
use crate::use_cases::drills::StartDrill;
use crate::use_cases::restores::{RestoreAsNew, StartRestore};
use crate::use_cases::scan::{Scan, ScanTarget};
use chrono::TimeDelta;
use domain::backup::{BackupId, Manifest, Origin, State};
use domain::job::{self, Kind};
use domain::member::Role;
use domain::target::TargetName;
use domain::text::Reason;

/// The bundle of another stage's backup on the target of a console that never heard of it.
async fn found(change: impl FnOnce(&mut Manifest)) -> (Stage, Scan, BackupId) {
    let (made, mut finds) = (Stage::with_backup().await, Stage::new().await);
    finds.test.clock.forward(TimeDelta::days(1));
    let id = made.backup.clone().expect("a backup");
    let mut files = made.target.files.lock().expect("files").clone();
    let text = files.get_mut(&format!("{id}/{MANIFEST}")).expect("a manifest");
    let mut manifest: Manifest = serde_json::from_slice(text).expect("a manifest");
    let before = manifest.clone();
    change(&mut manifest);
    if manifest != before {
        *text = serde_json::to_vec_pretty(&manifest).expect("json");
    }
    *finds.target.files.lock().expect("files") = files;
    let scan = finds
        .test
        .console
        .perform(&actor(Role::Admin), ScanTarget { name: TargetName::local() })
        .await
        .expect("scanned");
    for job in &scan.jobs {
        finds.finish(*job).await;
    }
    finds.backup = Some(id.clone());
    (finds, scan, id)
}

fn restore(backup: &BackupId) -> StartRestore {
    let reason = Reason::optional("a test").expect("a reason");
    StartRestore {
        deployment: sales(),
        backup: backup.clone(),
        confirm: "sales".into(),
        reason,
        include_users: true,
        identity: None,
    }
}

async fn seen(stage: &Stage, id: &BackupId) -> (Origin, State) {
    let row = stage.test.console.state.store.backup(id).await.expect("a backup");
    (row.origin, row.state)
}

/// Of the rules: what alarms and overview call newest, what a drill takes by itself, what retention counts.
async fn counts(stage: &Stage) -> (bool, bool, bool) {
    let store = &stage.test.console.state.store;
    let newest = store.last_verified(&sales()).await.expect("asked").is_some();
    let drill = store.newest_drillable(&sales()).await.expect("asked").is_some();
    (newest, drill, store.stored_backups(&sales()).await.expect("asked").iter().any(|b| b.verified))
}

#[tokio::test]
async fn what_carries_the_consoles_seal_is_its_own_again_after_its_state_was_lost() {
    let (stage, _, id) = found(|_| {}).await;
    assert_eq!(seen(&stage, &id).await, (Origin::Own, State::Verified));
    assert_eq!(counts(&stage).await, (true, true, true));
    let lead = actor(Role::Lead);
    assert!(
        stage.test.console.perform(&lead, AcceptBackup { backup: id }).await.is_err(),
        "there is nothing to accept"
    );
}

#[tokio::test]
async fn a_changed_manifest_is_anybodys_and_is_loaded_only_after_a_lead_accepted_it() {
    let (stage, scan, id) = found(|m| m.made_at += TimeDelta::hours(20)).await;
    assert_eq!(scan.found, std::slice::from_ref(&id));
    assert_eq!(seen(&stage, &id).await, (Origin::Outside, State::Verified), "each sha256 fits its own manifest");
    assert_eq!(counts(&stage).await, (false, false, false));
    let (operator, lead) = (actor(Role::Operator), actor(Role::Lead));
    let console = &stage.test.console;
    let refused = console.perform(&operator, restore(&id)).await.expect_err("nobody accepted it").problem().next_steps;
    assert!(refused.iter().any(|gate| gate.contains("must accept it")), "{refused:?}");
    let (name, reason) = (crate::jobs::stage::copy(), Reason::default());
    let as_new =
        RestoreAsNew { deployment: sales(), backup: id.clone(), name, reason, include_users: true, identity: None };
    let refused =
        console.perform(&actor(Role::Admin), as_new).await.expect_err("nobody accepted it").problem().next_steps;
    assert!(refused.iter().any(|gate| gate.contains("must accept it")), "{refused:?}");
    let drill = || StartDrill { deployment: sales(), backup: Some(id.clone()) };
    let refused = console.perform(&operator, drill()).await.expect_err("nobody accepted it").problem().to_string();
    assert!(refused.contains("from outside"), "{refused}");

    let denied = console.perform(&operator, AcceptBackup { backup: id.clone() }).await;
    assert!(matches!(denied, Err(Error::Denied { .. })), "{denied:?}");
    console.perform(&lead, AcceptBackup { backup: id.clone() }).await.expect("accepted");
    assert_eq!(counts(&stage).await, (false, false, false), "no rule counts on it all the same");
    let drill = console.perform(&operator, drill()).await.expect("queued");
    assert_eq!(stage.finish(drill).await.brief.state, job::State::Succeeded);
    let restore = stage.queue(Kind::Restore).await;
    assert_eq!(stage.finish(restore).await.brief.state, job::State::Succeeded);
    assert_eq!(stage.nodes(), 3);
    assert_eq!(counts(&stage).await, (false, false, false));
}

#[tokio::test]
async fn a_bundle_without_a_seal_or_of_another_console_is_from_outside() {
    let (stage, _, id) = found(|_| {}).await;
    for seal in [None, Some("00".repeat(32).into_bytes()), Some(vec![0xff; 64])] {
        let store = &stage.test.console.state.store;
        store.delete_backup(&id).await.expect("forgotten");
        match seal {
            None => drop(stage.target.files.lock().expect("files").remove(&format!("{id}/{SEAL}")).expect("a seal")),
            Some(bytes) => drop(stage.target.files.lock().expect("files").insert(format!("{id}/{SEAL}"), bytes)),
        }
        let scan = stage
            .test
            .console
            .perform(&actor(Role::Admin), ScanTarget { name: TargetName::local() })
            .await
            .expect("scanned");
        assert_eq!(scan.found, std::slice::from_ref(&id));
        assert_eq!(seen(&stage, &id).await.0, Origin::Outside);
        for job in scan.jobs {
            stage.finish(job).await;
        }
    }
}

#[tokio::test]
async fn a_bundle_of_the_year_9999_is_none() {
    for never in ["9999-01-01T00:00:00Z", "+262142-12-31T23:59:59Z"] {
        let (_, scan, id) = found(|m| m.made_at = never.parse().expect("a time")).await;
        assert_eq!((scan.found.len(), scan.unreadable.len()), (0, 1));
        assert!(scan.unreadable[0].0 == id && scan.unreadable[0].1.contains("cannot be"), "{:?}", scan.unreadable);
    }
}

#[tokio::test]
async fn a_bare_dump_may_be_loaded_by_whoever_may_restore_and_no_rule_counts_on_it() {
    let stage = Stage::new().await;
    let uploaded = stage.test.console.perform(&actor(Role::Lead), upload(&graph(5))).await.expect("uploaded");
    assert_eq!(stage.finish(uploaded.job.expect("a job")).await.brief.state, job::State::Succeeded);
    assert_eq!(seen(&stage, &uploaded.backup).await, (Origin::Accepted, State::Verified));
    assert_eq!(counts(&stage).await, (false, false, false));
}
