//! Backups: the list, one of them, making and deleting one.

use super::Timed;
use crate::problem::ApiError;
use domain::backup::BackupEstimate;
use domain::backup::views::{Detail, Summary};
use domain::page::Page;
use domain::target::Target;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::request::*;
use domain::{
    backup::BackupId, backup::Kind, backup::Search, deployment::DeploymentName, target::TargetName, text::Reason,
};
use ops::Error;
use ops::use_cases::{backups as use_case, targets};

/// A page of the backups of a deployment (`backup.view`), found by a word, a day or both.
pub async fn list_backups(
    deployment: String,
    page: u32,
    find: String,
    day: String,
) -> Result<Timed<Page<Summary>>, ApiError> {
    let search = Search::parse(&find, &day);
    let query = DeploymentName::parse(&deployment).map(|d| use_case::ListBackups {
        deployment: Some(d),
        search,
        page: page.max(1),
    });
    ask_timed(query.map_err(|_| Error::not_found("deployment", deployment))).await
}

/// A page of backups, and what the head of the page says about all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    pub page: Page<Summary>,
    /// Wherever it stands in the list.
    pub last_verified: Option<Summary>,
}

/// As [`list_backups`], with the last verified backup.
pub async fn look_through_backups(
    deployment: String,
    page: u32,
    find: String,
    day: String,
) -> Result<Timed<Listed>, ApiError> {
    let Timed { value: page, now } = list_backups(deployment.clone(), page, find, day).await?;
    let last = DeploymentName::parse(&deployment).map(|deployment| use_case::GetLastVerified { deployment });
    let last_verified = ask_timed(last.map_err(|_| Error::not_found("deployment", deployment.as_str()))).await?.value;
    Ok(Timed { value: Listed { page, last_verified }, now })
}

/// What the form of a backup rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupFormData {
    /// The latest backups.
    pub before: Page<Summary>,
    /// All there are, the console's own first.
    pub targets: Vec<Target>,
    /// None before the first run.
    pub outlook: Option<BackupEstimate>,
}

/// What the form of a backup needs: targets, latest backups and how the last one ran (`backup.view`).
pub async fn get_beforehand(deployment: String) -> Result<Timed<BackupFormData>, ApiError> {
    let targets = ask(targets::ListTargets {}).await?;
    let look = DeploymentName::parse(&deployment).map(|deployment| use_case::EstimateBackup { deployment });
    let outlook = ask_timed(look.map_err(|_| Error::not_found("deployment", deployment.as_str()))).await?.value;
    let Timed { value: before, now } = list_backups(deployment, 1, String::new(), String::new()).await?;
    Ok(Timed { value: BackupFormData { before, targets, outlook }, now })
}

/// One backup with its manifest (`backup.view`), without the values of its variables.
pub async fn get_backup(id: String) -> Result<Timed<Detail>, ApiError> {
    let query = BackupId::parse(&id).map(|backup| use_case::GetBackup { backup });
    let mut detail = ask_timed(query.map_err(|_| Error::not_found("backup", id))).await?;
    super::request::hide_values(&mut detail.value);
    Ok(detail)
}

/// Starts a backup job and goes to its page (`backup.run`). No target named is the console's own.
#[server(prefix = "/api/fn", endpoint = "start_backup")]
pub async fn start_backup(
    #[server(default)] deployment: String,
    #[server(default)] reason: String,
    #[server(default)] targets: Vec<String>,
    #[server(default)] kind: String,
) -> Result<(), ApiError> {
    let done = async {
        let kind = Kind::of_form(&kind)?;
        let targets = targets.iter().map(|name| TargetName::parse(name)).collect::<Result<_, _>>()?;
        let start = use_case::StartBackup {
            deployment: DeploymentName::parse(&deployment)?,
            reason: Reason::optional(&reason)?,
            targets,
            kind,
        };
        let job = perform(start).await?;
        Ok(format!("/jobs/{job}"))
    };
    let mut values = vec![("reason", reason.as_str()), ("kind", kind.as_str())];
    values.extend(ticks("targets", &targets));
    answer_form::<StartBackup>(&values, done.await)
}

/// Starts a job that reads a backup back from its targets, and goes to its page (`backup.run`).
#[server(prefix = "/api/fn", endpoint = "verify_backup")]
pub async fn verify_backup(#[server(default)] backup: String) -> Result<(), ApiError> {
    let done =
        async { Ok(format!("/jobs/{}", perform(use_case::VerifyBackup { backup: BackupId::parse(&backup)? }).await?)) };
    answer_form::<VerifyBackup>(&[], done.await)
}

/// Accepts a backup from outside, so that it may be restored and drilled (`backup.accept`).
#[server(prefix = "/api/fn", endpoint = "accept_backup")]
pub async fn accept_backup(
    #[server(default)] deployment: String,
    #[server(default)] backup: String,
) -> Result<(), ApiError> {
    let done = async {
        let (name, backup) = (DeploymentName::parse(&deployment)?, BackupId::parse(&backup)?);
        perform(use_case::AcceptBackup { backup: backup.clone() }).await?;
        Ok(format!("/deployments/{name}/backups/{backup}?done=backup-accepted"))
    };
    answer_form::<AcceptBackup>(&[], done.await)
}

/// Pins a backup when `pinned` is `true`, else unpins it (`backup.pin`).
#[server(prefix = "/api/fn", endpoint = "pin_backup")]
pub async fn pin_backup(
    #[server(default)] deployment: String,
    #[server(default)] backup: String,
    #[server(default)] pinned: String,
) -> Result<(), ApiError> {
    let done = async {
        let (name, backup, pinned) = (DeploymentName::parse(&deployment)?, BackupId::parse(&backup)?, pinned == "true");
        perform(use_case::PinBackup { backup: backup.clone(), pinned }).await?;
        Ok(format!(
            "/deployments/{name}/backups/{backup}?done={}",
            if pinned { "backup-pinned" } else { "backup-unpinned" }
        ))
    };
    answer_form::<PinBackup>(&[], done.await)
}

/// Deletes a backup (`backup.delete`). `confirm` is what was typed; the use case compares it.
#[server(prefix = "/api/fn", endpoint = "delete_backup")]
pub async fn delete_backup(
    #[server(default)] deployment: String,
    #[server(default)] backup: String,
    #[server(default)] confirm: String,
) -> Result<(), ApiError> {
    let values = [("confirm", confirm.as_str())];
    let done = async {
        let deployment = DeploymentName::parse(&deployment)?;
        perform(use_case::DeleteBackup { backup: BackupId::parse(&backup)?, confirm: confirm.clone() }).await?;
        Ok(format!("/deployments/{deployment}/backups?done=backup-deleted"))
    };
    answer_form::<DeleteBackup>(&values, done.await)
}
