//! Changes that can be written down, to wait for somebody's approval, and where they take place.

use super::backups::{AcceptBackup, DeleteBackup, PinBackup, StartBackup, VerifyBackup};
use super::channels::RemoveChannel;
use super::deployments::{ForgetDeployment, OperateDeployment};
use super::drills::{PlanDrills, StartDrill};
use super::jobs::{CancelJob, RetryUndo};
use super::members::{ChangeRole, SetDisabled};
use super::replaced::AcceptData;
use super::restores::{RemoveSetAside, RestoreAsNew, StartRestore, UndoRestore};
use super::schedules::{AddPlan, ChangeSchedule, PauseSchedule, RemoveSchedule, RunScheduleNow, SchedulePatch};
use super::targets::RemoveTarget;
use super::tokens::RevokeToken;
use crate::console::context::Change;
use crate::jobs::stage::{Stage, sales};
use domain::backup::{BackupId, Kind};
use domain::channel::ChannelName;
use domain::deployment::DeploymentName;
use domain::drill::DrillInterval;
use domain::host::HostId;
use domain::job::{JobId, Operation};
use domain::member::{MemberId, Role};
use domain::schedule::ScheduleName;
use domain::scope::{Scope, Subject};
use domain::target::TargetName;
use domain::text::Reason;
use domain::token::TokenId;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What the audit log and the rights see of it is the same after it was stored.
fn stored<C: Change + Serialize + DeserializeOwned>(change: &C) -> String {
    let text = serde_json::to_string(change).expect("written");
    let read: C = serde_json::from_str(&text).expect("read");
    let seen = |c: &C| (c.target(), c.reason(), c.subject());
    assert_eq!(seen(change), seen(&read), "{}", C::NAME);
    assert_eq!(serde_json::to_string(&read).expect("written"), text, "{}", C::NAME);
    text
}

fn backup() -> BackupId {
    BackupId::parse("sales-20260201T033000Z-75").expect("an id")
}

fn reason() -> Reason {
    Reason::required("before the release").expect("a reason")
}

#[test]
fn changes_of_backups_and_restores_can_be_stored_and_an_identity_is_not() {
    let (deployment, confirm, restore) = (sales(), "sales".to_string(), JobId(7));
    stored(&StartBackup {
        deployment: sales(),
        reason: reason(),
        targets: vec![TargetName::local()],
        kind: Kind::Dump,
    });
    stored(&VerifyBackup { backup: backup() });
    stored(&DeleteBackup { backup: backup(), confirm: confirm.clone() });
    stored(&PinBackup { backup: backup(), pinned: true });
    stored(&AcceptBackup { backup: backup() });
    stored(&UndoRestore { deployment: sales(), restore, confirm: confirm.clone(), reason: reason() });
    stored(&RemoveSetAside { deployment: sales(), restore, confirm: confirm.clone() });
    let (_, secret) = crate::engine::encryption::new_key();
    let identity = || Some(secret.clone());
    let (include_users, reason) = (true, reason());
    let name = DeploymentName::parse("sales-copy").expect("a name");
    let as_new = RestoreAsNew {
        deployment: sales(),
        backup: backup(),
        name,
        reason: reason.clone(),
        include_users,
        identity: identity(),
    };
    assert!(!stored(&as_new).contains("AGE-SECRET-KEY"));
    let in_place = StartRestore { deployment, backup: backup(), confirm, reason, include_users, identity: identity() };
    assert!(!stored(&in_place).contains("AGE-SECRET-KEY"));
}

#[test]
fn the_other_changes_that_may_wait_can_be_stored() {
    let (deployment, schedule) = (sales, || ScheduleName::parse("daily").expect("a name"));
    stored(&OperateDeployment { deployment: deployment(), operation: Operation::Stop, reason: reason() });
    stored(&ForgetDeployment { deployment: deployment() });
    stored(&AcceptData { deployment: deployment(), confirm: "sales".into() });
    stored(&StartDrill { deployment: deployment(), backup: Some(backup()) });
    stored(&PlanDrills { deployment: deployment(), every: DrillInterval::DEFAULT });
    stored(&AddPlan { deployment: deployment(), time_zone: "Europe/Berlin".into(), external: vec![] });
    let patch = SchedulePatch { cron: Some("0 3 * * *".into()), ..SchedulePatch::default() };
    stored(&ChangeSchedule { deployment: deployment(), schedule: schedule(), patch });
    stored(&PauseSchedule { deployment: deployment(), schedule: schedule(), paused: true });
    stored(&RemoveSchedule { deployment: deployment(), schedule: schedule() });
    stored(&RunScheduleNow { deployment: deployment(), schedule: schedule() });
    stored(&CancelJob { job: JobId(7) });
    stored(&RetryUndo { job: JobId(7) });
    stored(&RemoveTarget { name: TargetName::parse("nas").expect("a name"), forget_copies: Some("nas".into()) });
    stored(&RemoveChannel { name: ChannelName::parse("ops").expect("a name") });
    stored(&ChangeRole { member: MemberId(2), role: Role::Lead });
    stored(&SetDisabled { member: MemberId(2), disabled: true });
    stored(&RevokeToken { token: TokenId(3) });
}

#[tokio::test]
async fn a_backup_and_a_job_are_where_their_deployment_is() {
    let stage = Stage::with_backup().await;
    let console = &stage.test.console;
    let backup = stage.backup.clone().expect("a backup");
    let job = stage.queue(domain::job::Kind::Stop).await;
    let here = Scope { host: Some(HostId::local()), deployment: Some(sales()) };
    for subject in [Subject::Deployment(sales()), Subject::Backup(backup), Subject::Job(job)] {
        assert_eq!(console.scope(subject.clone()).await.expect("known"), here, "{subject:?}");
    }
    for subject in [Subject::Console, Subject::Job(JobId(99)), Subject::Backup(self::backup())] {
        assert_eq!(console.scope(subject.clone()).await.expect("known"), Scope::everywhere(), "{subject:?}");
    }
}
