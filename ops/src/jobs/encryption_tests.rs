//! Encrypted targets: what lies there, and that only who has the identity gets it back.

use super::stage::{Stage, graph, sales};
use crate::background::maintenance as upkeep;
use crate::engine::encryption::new_key;
use crate::error::Result;
use crate::testing::actor;
use crate::use_cases::backups::{GetBackup, StartBackup, VerifyBackup};
use crate::use_cases::drills::StartDrill;
use crate::use_cases::restores::{CheckRestore, StartRestore};
use crate::use_cases::scan::ScanTarget;
use crate::use_cases::targets::AddTarget;
use chrono::TimeDelta;
use domain::backup::BackupId;
use domain::backup::views::Detail;
use domain::encryption::{Encrypted, Identity, Recipient};
use domain::gate::IdentityNeed;
use domain::job::{JobId, JobView, Kind, State};
use domain::member::Role;
use domain::target::{CopyState, Place, TargetName};
use domain::text::{Reason, Tone};
use fakes::MemoryTarget;
use std::sync::Arc;

fn named(name: &str) -> TargetName {
    TargetName::parse(name).expect("a name")
}

/// A target in memory that encrypts to these.
async fn vault(stage: &Stage, name: &str, recipients: &[&Recipient]) -> Arc<MemoryTarget> {
    let path = format!("/mnt/{name}");
    let place = Place::Directory { path: path.clone(), mounted: false };
    let recipients = recipients.iter().map(|r| (*r).clone()).collect();
    let add = AddTarget { name: named(name), place, keys: None, recipients };
    stage.test.console.perform(&actor(Role::Admin), add).await.expect("added");
    stage.test.targets.at(&path)
}

async fn back_up(stage: &Stage, targets: &[&str]) -> Detail {
    let targets = targets.iter().map(|name| named(name)).collect();
    let start = StartBackup { deployment: sales(), reason: Reason::default(), targets, kind: Default::default() };
    let job = stage.test.console.perform(&actor(Role::Operator), start).await.expect("queued");
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, State::Succeeded, "{:?}", view.problem);
    // What is lost from now on can only come from the backup.
    stage.test.world.write_store("sales-data", "neo4j", &graph(9));
    detail(stage, view.result.and_then(|r| r.backup).expect("a backup")).await
}

async fn detail(stage: &Stage, backup: BackupId) -> Detail {
    stage.test.console.ask(&actor(Role::Viewer), GetBackup { backup }).await.expect("a backup")
}

async fn queue_restore(stage: &Stage, backup: &BackupId, identity: Option<&Identity>) -> Result<JobId> {
    let (deployment, reason) = (sales(), Reason::optional("a test").expect("a reason"));
    let restore = StartRestore {
        deployment,
        backup: backup.clone(),
        confirm: "sales".into(),
        reason,
        include_users: false,
        identity: identity.cloned(),
    };
    stage.test.console.perform(&actor(Role::Operator), restore).await
}

async fn restore(stage: &Stage, backup: &BackupId, identity: Option<&Identity>) -> JobView {
    let job = queue_restore(stage, backup, identity).await.expect("queued");
    stage.finish(job).await
}

fn refused(result: Result<JobId>) -> String {
    let problem = result.expect_err("refused").problem();
    let [field] = problem.fields.as_slice() else { panic!("{problem}") };
    assert_eq!(field.field, "age_identity");
    field.why.clone()
}

fn states(detail: &Detail) -> Vec<(&str, CopyState, bool)> {
    detail.copies.iter().map(|c| (c.target.as_str(), c.state, c.encrypted.is_some())).collect()
}

#[tokio::test]
async fn an_encrypted_copy_lies_beside_an_open_one_and_holds_nothing_of_the_data() {
    let stage = Stage::new().await;
    let (recipient, _) = new_key();
    let vault = vault(&stage, "vault", &[&recipient]).await;
    let found = back_up(&stage, &["vault", "local"]).await;
    assert_eq!(states(&found), [("local", CopyState::Verified, false), ("vault", CopyState::Verified, true)]);
    let id = found.manifest.id.clone();
    let plain = ["encrypted.json", "manifest.json", "manifest.seal", "RESTORE.md", "SHA256SUMS"];
    for name in vault.names() {
        let name = name.strip_prefix(&format!("{id}/")).expect("of the backup").to_string();
        assert!(plain.contains(&name.as_str()) || name.ends_with(".age"), "{name}");
    }
    let files = vault.files.lock().expect("files").clone();
    let text = |name: &str| String::from_utf8(files[&format!("{id}/{name}")].clone()).expect("text");
    let told: Encrypted = serde_json::from_str(&text("encrypted.json")).expect("json");
    assert_eq!(Some(&told), found.copies[1].encrypted.as_ref());
    assert_eq!(told.recipients, [recipient]);
    for part in &told.parts {
        let there = &files[&format!("{id}/{}", part.name)];
        assert_eq!(hex::encode(<sha2::Sha256 as sha2::Digest>::digest(there)), part.sha256, "{}", part.name);
        assert!(text("SHA256SUMS").contains(&format!("{}  {}\n", part.sha256, part.name)));
    }
    assert!(text("RESTORE.md").contains("age -d"));
    assert!(
        !String::from_utf8_lossy(&stage.target.files.lock().expect("files")[&format!("{id}/RESTORE.md")])
            .contains("age -d")
    );

    // The open one is taken, and needs nothing.
    let view = restore(&stage, &id, None).await;
    assert_eq!((view.brief.state, stage.nodes()), (State::Succeeded, 3), "{:?}", view.problem);
}

#[tokio::test]
async fn what_is_only_encrypted_comes_back_with_the_identity_which_is_forgotten_after_that() {
    let stage = Stage::new().await;
    let ((recipient, identity), (_, stranger)) = (new_key(), new_key());
    vault(&stage, "vault", &[&new_key().0, &recipient]).await;
    let id = back_up(&stage, &["vault"]).await.manifest.id;
    let check = CheckRestore { deployment: sales(), backup: id.clone(), as_new: false };
    let check = stage.test.console.ask(&actor(Role::Operator), check).await.expect("checked");
    let asked = check.gates.iter().find(|gate| gate.name.contains("decrypted")).expect("a gate");
    assert_eq!((check.identity_need, asked.tone), (IdentityNeed::Missing, Tone::Warn));
    assert!(refused(queue_restore(&stage, &id, None).await).contains("All copies of this backup are encrypted"));
    assert!(refused(queue_restore(&stage, &id, Some(&stranger)).await).contains(recipient.as_str()));

    let job = queue_restore(&stage, &id, Some(&identity)).await.expect("queued");
    let store = stage.test.console.state.store.clone();
    let params = store.job(job).await.expect("a job").params;
    assert!(params.contains("sealed_identity") && !params.contains(identity.expose()), "{params}");
    let view = stage.finish(job).await;
    assert_eq!((view.brief.state, stage.nodes()), (State::Succeeded, 3), "{:?}", view.problem);
    let params = store.job(job).await.expect("a job").params;
    assert!(!params.contains("sealed_identity"), "{params}");
    for file in std::fs::read_dir(stage.directory.path()).expect("the console's directory").flatten() {
        let bytes = std::fs::read(file.path()).unwrap_or_default();
        let secret = identity.expose().as_bytes();
        assert!(!bytes.windows(secret.len()).any(|seen| seen == secret), "{:?} holds the identity", file.path());
    }
}

#[tokio::test]
async fn a_job_ends_without_the_identity_also_when_it_fails_or_is_cancelled() {
    let stage = Stage::new().await;
    let (recipient, identity) = new_key();
    vault(&stage, "vault", &[&recipient]).await;
    let id = back_up(&stage, &["vault"]).await.manifest.id;
    let store = stage.test.console.state.store.clone();
    for cancel in [false, true] {
        let job = queue_restore(&stage, &id, Some(&identity)).await.expect("queued");
        if cancel {
            stage
                .test
                .console
                .perform(&actor(Role::Operator), crate::use_cases::jobs::CancelJob { job })
                .await
                .expect("asked");
        } else {
            stage.test.world.fail_helper("check", "Inconsistencies found");
        }
        assert_ne!(stage.finish(job).await.brief.state, State::Succeeded);
        assert!(!store.job(job).await.expect("a job").params.contains("sealed_identity"));
    }
}

#[tokio::test]
async fn an_identity_of_another_copy_fails_in_words_before_neo4j_is_touched() {
    let stage = Stage::new().await;
    let ((one, _), (two, second)) = (new_key(), new_key());
    vault(&stage, "one", &[&one]).await;
    let copy = vault(&stage, "two", &[&two]).await;
    let id = back_up(&stage, &["one", "two"]).await.manifest.id;
    copy.damage("neo4j.dump.age");
    let view = restore(&stage, &id, Some(&second)).await;
    let problem = view.problem.expect("a problem");
    assert_eq!((view.brief.state, stage.nodes()), (State::Failed, 9));
    assert!(
        problem.title.contains("does not open this backup") && problem.means.contains("Neo4j was not touched"),
        "{problem}"
    );
    assert!(problem.means.contains("sha256") && problem.next_steps[0].contains(one.as_str()), "{problem:?}");
    assert_eq!(
        states(&detail(&stage, id).await),
        [("one", CopyState::Verified, true), ("two", CopyState::Failed, true)]
    );
}

#[tokio::test]
async fn a_changed_or_lost_encrypted_part_is_found_by_reading_it_back() {
    let (recipient, _) = new_key();
    for (what, state) in [("damage", CopyState::Failed), ("lose", CopyState::Missing), ("list", CopyState::Failed)] {
        let stage = Stage::new().await;
        let vault = vault(&stage, "vault", &[&recipient]).await;
        let id = back_up(&stage, &["vault", "local"]).await.manifest.id;
        match what {
            "damage" => vault.damage("system.dump.age"),
            "lose" => vault.lose("system.dump.age"),
            _ => vault.damage("encrypted.json"),
        }
        let job = stage
            .test
            .console
            .perform(&actor(Role::Operator), VerifyBackup { backup: id.clone() })
            .await
            .expect("queued");
        assert_eq!(stage.finish(job).await.brief.state, State::Failed, "{what}");
        assert_eq!(
            states(&detail(&stage, id).await),
            [("local", CopyState::Verified, false), ("vault", state, true)],
            "{what}"
        );
    }
}

#[tokio::test]
async fn a_dump_that_is_not_whole_is_found_also_where_every_copy_is_encrypted() {
    let stage = Stage::new().await;
    vault(&stage, "vault", &[&new_key().0]).await;
    let start = StartBackup {
        deployment: sales(),
        reason: Reason::default(),
        targets: vec![named("vault")],
        kind: Default::default(),
    };
    let job = stage.test.console.perform(&actor(Role::Operator), start).await.expect("queued");
    // check, prepare, stop, dump, start: then what the helper holds is cut short.
    stage.test.drive(job, 5).await.expect("the store works");
    stage.test.world.cut_short("/dumps/neo4j.dump");
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, State::RolledBack);
    assert!(view.problem.expect("a problem").title.contains("ends too early"));
}

#[tokio::test]
async fn without_an_open_copy_nothing_is_drilled_and_no_failure_is_told_day_after_day() {
    let stage = Stage::new().await;
    let vault = vault(&stage, "vault", &[&new_key().0]).await;
    let id = back_up(&stage, &["vault"]).await.manifest.id;
    for backup in [None, Some(id)] {
        let problem = stage
            .test
            .console
            .perform(&actor(Role::Operator), StartDrill { deployment: sales(), backup })
            .await
            .expect_err("refused")
            .problem();
        assert!(problem.title.contains("unencrypted") && problem.means.contains("no identity"), "{problem:?}");
    }
    let mut kinds = Vec::new();
    for _ in 0..9 {
        stage.test.clock.forward(TimeDelta::days(1));
        upkeep::tick(&stage.test.console).await.expect("a look");
        if let Some(job) = stage.test.console.state.store.live_job(&sales()).await.expect("asked") {
            let view = stage.finish(job.id).await;
            kinds.push((view.brief.kind, view.brief.state));
        }
    }
    assert_eq!(kinds, [(Kind::Verify, State::Succeeded)], "it is read as it lies there, and nothing else");
    let status = stage.test.console.state.store.drill_status(&sales()).await.expect("asked");
    assert!(status.all_encrypted && status.last_failed.is_none());

    // With one copy at home, drills take that.
    back_up(&stage, &["vault", "local"]).await;
    vault.lose("manifest.json");
    let job = stage
        .test
        .console
        .perform(&actor(Role::Operator), StartDrill { deployment: sales(), backup: None })
        .await
        .expect("queued");
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, State::Succeeded, "{:?}", view.problem);
    assert!(!stage.test.console.state.store.drill_status(&sales()).await.expect("asked").all_encrypted);
}

#[tokio::test]
async fn a_scan_knows_an_encrypted_bundle_and_leaves_alone_what_does_not_fit() {
    let (one, other) = (Stage::new().await, Stage::new().await);
    let (recipient, identity) = new_key();
    let there = vault(&one, "vault", &[&recipient]).await;
    let id = back_up(&one, &["vault"]).await.manifest.id;
    let files = there.files.lock().expect("files").clone();
    // The new console's target has other recipients, or none: what lies there says itself how it is encrypted.
    let found = vault(&other, "found", &[]).await;
    let scan = || async {
        other.test.console.perform(&actor(Role::Admin), ScanTarget { name: named("found") }).await.expect("scanned")
    };
    let wrong = files.iter().map(|(name, bytes)| {
        (name.clone(), if name.ends_with("encrypted.json") { b"{}".to_vec() } else { bytes.clone() })
    });
    *found.files.lock().expect("files") = wrong.collect();
    assert!(scan().await.unreadable[0].1.contains("encrypted.json cannot be read"));
    *found.files.lock().expect("files") = files;
    let seen = scan().await;
    assert_eq!(seen.found.as_slice(), std::slice::from_ref(&id));
    assert_eq!(states(&detail(&other, id.clone()).await), [("found", CopyState::Unread, true)]);
    assert_eq!(other.finish(seen.jobs[0]).await.brief.state, State::Succeeded);
    other.test.world.write_store("sales-data", "neo4j", &graph(9));
    let view = restore(&other, &id, Some(&identity)).await;
    assert_eq!((view.brief.state, other.nodes()), (State::Succeeded, 3), "{:?}", view.problem);
}
