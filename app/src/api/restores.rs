//! Restores: the checks before, the start, the undo and what is set aside.

use super::Timed;
use crate::problem::ApiError;
use domain::gate::RestoreCheck;
use domain::job::JobBrief;
use leptos::prelude::*;

use super::request::*;
use domain::{backup::BackupId, deployment::DeploymentName, encryption::Identity, job::JobId, text::Reason};
use ops::Error;
use ops::use_cases::restores as use_case;

/// Whether a backup can be restored now, into the deployment or as a new one (`backup.view`).
pub async fn check_restore(deployment: String, backup: String, as_new: bool) -> Result<Timed<RestoreCheck>, ApiError> {
    let query = DeploymentName::parse(&deployment).map_err(|_| Error::not_found("deployment", deployment)).and_then(
        |deployment| {
            let backup = BackupId::parse(&backup).map_err(|_| Error::not_found("backup", backup))?;
            Ok(use_case::CheckRestore { deployment, backup, as_new })
        },
    );
    let mut check = ask_timed(query).await?;
    hide_values(&mut check.value.backup);
    Ok(check)
}

/// The restores of a deployment that can still be undone (`job.view`).
pub async fn list_undoable(deployment: String) -> Result<Timed<Vec<JobBrief>>, ApiError> {
    let query = DeploymentName::parse(&deployment).map(|deployment| use_case::ListUndoable { deployment });
    ask_timed(query.map_err(|_| Error::not_found("deployment", deployment))).await
}

/// Starts a restore into the deployment and goes to its job (`restore.request`). A reason is required.
#[server(prefix = "/api/fn", endpoint = "start_restore")]
pub async fn start_restore(
    #[server(default)] deployment: String,
    #[server(default)] backup: String,
    #[server(default)] confirm: String,
    #[server(default)] reason: String,
    #[server(default)] what: String,
    #[server(default)] age_identity: String,
) -> Result<(), ApiError> {
    // The identity is not kept: a refused form asks for it again.
    let values = [("confirm", confirm.as_str()), ("reason", reason.as_str()), ("what", what.as_str())];
    let done = async {
        let job = perform(use_case::StartRestore {
            deployment: DeploymentName::parse(&deployment)?,
            backup: BackupId::parse(&backup)?,
            confirm: confirm.clone(),
            reason: Reason::required(&reason)?,
            include_users: what == "all",
            identity: Identity::parse(&age_identity)?,
        });
        Ok(format!("/jobs/{}", job.await?))
    };
    answer_form::<StartRestore>(&values, done.await)
}

/// Starts a restore into a new deployment and goes to its job (`deployment.adopt` and `restore.request`).
#[server(prefix = "/api/fn", endpoint = "restore_as_new")]
pub async fn restore_as_new(
    #[server(default)] deployment: String,
    #[server(default)] backup: String,
    #[server(default)] name: String,
    #[server(default)] reason: String,
    #[server(default)] what: String,
    #[server(default)] age_identity: String,
) -> Result<(), ApiError> {
    let values = [("name", name.as_str()), ("reason", reason.as_str()), ("what", what.as_str())];
    let done = async {
        let job = perform(use_case::RestoreAsNew {
            deployment: DeploymentName::parse(&deployment)?,
            backup: BackupId::parse(&backup)?,
            name: DeploymentName::parse(&name)?,
            reason: Reason::required(&reason)?,
            include_users: what == "all",
            identity: Identity::parse(&age_identity)?,
        });
        Ok(format!("/jobs/{}", job.await?))
    };
    answer_form::<RestoreAsNew>(&values, done.await)
}

/// Starts the undo of a restore and goes to its job (`restore.undo`). A reason is required.
#[server(prefix = "/api/fn", endpoint = "undo_restore")]
pub async fn undo_restore(
    #[server(default)] deployment: String,
    #[server(default)] restore: String,
    #[server(default)] confirm: String,
    #[server(default)] reason: String,
) -> Result<(), ApiError> {
    let values = [("confirm", confirm.as_str()), ("reason", reason.as_str())];
    let done = async {
        let deployment = DeploymentName::parse(&deployment)?;
        let (restore, reason) = (job_id(&restore)?, Reason::required(&reason)?);
        let job = perform(use_case::UndoRestore { deployment, restore, confirm: confirm.clone(), reason }).await?;
        Ok(format!("/jobs/{job}"))
    };
    answer_form::<UndoRestore>(&values, done.await)
}

/// Starts a job that removes the data a restore set aside (`restore.undo`).
#[server(prefix = "/api/fn", endpoint = "remove_set_aside")]
pub async fn remove_set_aside(
    #[server(default)] deployment: String,
    #[server(default)] restore: String,
    #[server(default)] confirm: String,
) -> Result<(), ApiError> {
    let values = [("confirm", confirm.as_str())];
    let done = async {
        let deployment = DeploymentName::parse(&deployment)?;
        let job =
            perform(use_case::RemoveSetAside { deployment, restore: job_id(&restore)?, confirm: confirm.clone() })
                .await?;
        Ok(format!("/jobs/{job}"))
    };
    answer_form::<RemoveSetAside>(&values, done.await)
}

fn job_id(text: &str) -> Result<JobId, Error> {
    text.parse().map(JobId).map_err(|_| Error::not_found("job", text))
}
