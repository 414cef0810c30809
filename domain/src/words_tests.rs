//! The words of the enums, literally. They are in SQLite, in the REST API and in the audit chain: none may change.

use crate::alarm::event::{Kind as EventKind, Level};
use crate::audit::Outcome as ActOutcome;
use crate::backup::{Kind as BackupKind, Origin};
use crate::channel::{DeliveryState, Kind as ChannelKind};
use crate::container::Owner;
use crate::deployment::Health;
use crate::freshness::Age;
use crate::image::Edition;
use crate::job::{Kind as JobKind, State};
use crate::member::Role;
use crate::plan::Mark;
use crate::schedule::{Outcome as RunOutcome, Preset, Recurrence};
use crate::target::CopyState;
use crate::text::Tone;
use serde::de::DeserializeOwned;
use serde_json::{Value, from_value, json};

/// Each variant is written as its word, also in JSON, and read from nothing but that; a variant without a word does not
/// compile. Gives all of them, in this order.
macro_rules! pinned {
    ($name:ident, $read:expr, $($variant:ident $word:literal)*) => {{
        let read: fn(&str) -> Option<$name> = $read;
        let word_of = |it: $name| match it { $($name::$variant => $word,)* };
        let all = [$($name::$variant),*];
        for it in all {
            let word = word_of(it);
            assert_eq!((it.as_str(), json!(it)), (word, json!(word)));
            assert_eq!((read(word), from_json(word)), (Some(it), Some(it)));
            for other in [word.to_uppercase(), format!("{word} "), format!(" {word}"), format!("{it:?}")] {
                assert_eq!(read(&other), None, "{other:?}");
            }
        }
        assert_eq!(read(""), None);
        all
    }};
}

fn from_json<T: DeserializeOwned>(word: &str) -> Option<T> {
    from_value(json!(word)).ok()
}

#[test]
fn words_of_jobs_stay() {
    let kinds = pinned!(JobKind, JobKind::parse,
        Backup "backup" Restore "restore" RestoreAsNew "restore_as_new" UndoRestore "undo_restore"
        RemoveSetAside "remove_set_aside" Verify "verify" Drill "drill" ProveDump "prove_dump" Start "start" Stop "stop"
        Restart "restart" Prune "prune" Change "change" Rehearsal "rehearsal"
        CreateDeployment "create_deployment" DeleteDeployment "delete_deployment");
    assert_eq!(kinds, JobKind::ALL);
    let states = pinned!(State, State::parse,
        Queued "queued" Running "running" Succeeded "succeeded" Failed "failed" RolledBack "rolled_back" Stuck "stuck"
        Cancelled "cancelled");
    assert_eq!(states, State::ALL);
    let marks = pinned!(Mark, Mark::parse,
        Started "started" Succeeded "succeeded" Failed "failed" UndoStarted "undo_started" UndoFinished "undo_finished"
        UndoFailed "undo_failed");
    assert_eq!(marks, Mark::ALL);
}

#[test]
fn words_of_backups_stay() {
    let kinds = pinned!(BackupKind, |word| BackupKind::parse(word).ok(),
        Dump "dump" ShortOutageDump "short_outage_dump" OfflineDump "offline_dump");
    assert_eq!(kinds, BackupKind::ALL);
    let origins = pinned!(Origin, Origin::parse, Own "own" Outside "outside" Accepted "accepted");
    assert_eq!(origins, Origin::ALL);
    let copies = pinned!(CopyState, CopyState::parse,
        Verified "verified" Unread "unread" Failed "failed" Missing "missing");
    assert_eq!(copies, CopyState::ALL);
    let presets = pinned!(Preset, from_json, Daily "daily" Weekly "weekly" Monthly "monthly");
    assert_eq!(presets, Preset::ALL);
    pinned!(RunOutcome, RunOutcome::parse, Ran "ran" CaughtUp "caught_up" Missed "missed");
    pinned!(Age, from_json, Ok "ok" DueSoon "due_soon" Overdue "overdue" Never "never");
}

#[test]
fn words_of_messages_stay() {
    pinned!(EventKind, EventKind::parse,
        BackupFailed "backup_failed" TargetFailed "target_failed" Overdue "overdue" RunMissed "run_missed"
        DrillFailed "drill_failed" RestoreDone "restore_done" StuckJob "stuck_job" DataReplaced "data_replaced"
        Recovered "recovered" BackupVerified "backup_verified" Test "test");
    pinned!(Level, Level::parse, Info "info" Warning "warning" Critical "critical");
    let channels = pinned!(ChannelKind, |word| ChannelKind::parse(word).ok(),
        Email "email" Webhook "webhook" Slack "slack" Mattermost "mattermost" Discord "discord");
    assert_eq!(channels, ChannelKind::ALL);
    pinned!(DeliveryState, DeliveryState::parse, Waiting "waiting" Delivered "delivered" Failed "failed");
}

#[test]
fn words_of_people_and_pages_stay() {
    let roles = pinned!(Role, |word| Role::parse(word).ok(),
        Viewer "viewer" Operator "operator" Lead "lead" Admin "admin");
    assert_eq!(roles, Role::ALL);
    pinned!(ActOutcome, ActOutcome::parse, Begun "begun" Done "done" Denied "denied" Failed "failed");
    pinned!(Edition, Edition::parse, Community "community" Enterprise "enterprise");
    pinned!(Tone, from_json, Good "good" Info "info" Idle "idle" Warn "warn" Bad "bad");
}

#[test]
fn words_of_variants_that_carry_something_stay() {
    let tag = |json: Value, tag: &str| json[tag].as_str().map(str::to_owned);
    for (health, word) in [
        (Health::Answers, "answers"),
        (Health::Starting, "starting"),
        (Health::Silent("why".into()), "silent"),
        (Health::CredentialsRefused, "credentials_refused"),
        (Health::PasswordChangeRequired, "password_change_required"),
        (Health::NotRunning, "not_running"),
        (Health::KeepsRestarting("why".into()), "keeps_restarting"),
        (Health::Unknown("why".into()), "unknown"),
    ] {
        assert_eq!((health.as_str(), tag(json!(health), "health").as_deref()), (word, Some(word)));
    }
    for (owner, word) in [
        (Owner::Console, "console"),
        (Owner::Compose("name".into()), "compose"),
        (Owner::Coolify("name".into()), "coolify"),
        (Owner::Docker, "docker"),
    ] {
        assert_eq!((owner.as_str(), tag(json!(owner), "owner").as_deref()), (word, Some(word)));
    }
    for (often, word) in [
        (Recurrence::Daily(3, 15), "daily"),
        (Recurrence::Weekly("SUN", 4, 15), "weekly"),
        (Recurrence::Monthly(1, 5, 15), "monthly"),
        (Recurrence::Cron("* * * * *".into()), "cron"),
    ] {
        assert_eq!(often.as_str(), word);
    }
}
