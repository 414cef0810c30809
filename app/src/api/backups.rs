//! Backups: the list, one of them, making and deleting one.

use super::Timed;
use crate::problem::ApiError;
use domain::backup::{Detail, Summary};
use domain::page::Page;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use super::request::*;
#[cfg(feature = "ssr")]
use domain::{backup::BackupId, deployment::DeploymentName, target::TargetName, text::Reason};
#[cfg(feature = "ssr")]
use ops::{Error, backups as use_case};

#[server(prefix = "/api/fn", endpoint = "list_backups")]
pub async fn list_backups(deployment: String, page: u32) -> Result<Timed<Page<Summary>>, ApiError> {
    let query = DeploymentName::parse(&deployment).map(|d| use_case::ListBackups { deployment: Some(d), page: page.max(1) });
    ask_timed(query.map_err(|_| Error::not_found("deployment", deployment))).await
}

#[server(prefix = "/api/fn", endpoint = "get_backup")]
pub async fn get_backup(id: String) -> Result<Timed<Detail>, ApiError> {
    let query = BackupId::parse(&id).map(|backup| use_case::GetBackup { backup });
    let mut detail = ask_timed(query.map_err(|_| Error::not_found("backup", id))).await?;
    super::request::hide_values(&mut detail.value);
    Ok(detail)
}

#[server(prefix = "/api/fn", endpoint = "start_backup")]
pub async fn start_backup(
    #[server(default)] deployment: String,
    #[server(default)] reason: String,
    #[server(default)] targets: Vec<String>,
) -> Result<(), ApiError> {
    let done = async {
        let targets = targets.iter().map(|name| TargetName::parse(name)).collect::<Result<_, _>>()?;
        let start = use_case::StartBackup { deployment: DeploymentName::parse(&deployment)?, reason: Reason::optional(&reason)?, targets };
        let job = perform(start).await?;
        Ok(format!("/jobs/{job}"))
    };
    answer_form::<StartBackup>(&[("reason", &reason)], done.await)
}

#[server(prefix = "/api/fn", endpoint = "delete_backup")]
pub async fn delete_backup(
    #[server(default)] deployment: String,
    #[server(default)] backup: String,
    #[server(default)] confirm: String,
) -> Result<(), ApiError> {
    let kept = [("confirm", confirm.as_str())];
    let done = async {
        let deployment = DeploymentName::parse(&deployment)?;
        perform(use_case::DeleteBackup { backup: BackupId::parse(&backup)?, confirm: confirm.clone() }).await?;
        Ok(format!("/deployments/{deployment}/backups?done=backup-deleted"))
    };
    answer_form::<DeleteBackup>(&kept, done.await)
}
