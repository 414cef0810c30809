//! Backups: list and start.

use super::body::OptionalBody;
use super::pages::{links, page};
use super::shapes::{BackupRow, Queued};
use super::{Answer, deployment};
use crate::http::problem::Details;
use crate::site::Site;
use axum::Json;
use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::backup::views::Detail;
use domain::backup::{BackupId, Kind, Search};
use domain::scope::Subject;
use domain::target::{BackupCopy, TargetName};
use domain::text::Reason;
use ops::engine::bundle;
use ops::use_cases::backups::{AcceptBackup, DeleteBackup, GetBackup, ListBackups, StartBackup, VerifyBackup};
use ops::{Actor, Change};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Backups of a deployment, newest first. `X-Total-Count` counts all; `Link` leads to the pages before and after.
#[utoipa::path(get, path = "/deployments/{name}/backups", tag = "backups", params(("name" = String, Path, description = "Of the deployment"), ("page" = Option<u32>, Query, description = "From 1", minimum = 1)), responses((status = 200, body = [BackupRow], headers(("X-Total-Count" = u64), ("Link" = String))), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn list(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer<impl IntoResponse> {
    let (deployment, page) = (deployment(&name)?, page(query.as_deref())?);
    let path = format!("/api/v1/deployments/{deployment}/backups?");
    let found =
        site.console.ask(&actor, ListBackups { deployment: Some(deployment), search: Search::default(), page }).await?;
    let headers = links(&path, &found);
    Ok((headers, Json(found.items.into_iter().map(BackupRow::from).collect::<Vec<_>>())))
}

/// Take a backup now.
#[utoipa::path(post, path = "/deployments/{name}/backups", tag = "backups", params(("name" = String, Path, description = "Of the deployment")), request_body = Option<NewBackup>, responses((status = 202, body = Queued), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn start(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    OptionalBody(new): OptionalBody<NewBackup>,
) -> Answer<impl IntoResponse> {
    let targets =
        new.targets.unwrap_or_default().iter().map(|name| TargetName::parse(name)).collect::<Result<_, _>>()?;
    let kind = new.kind.as_deref().map_or(Ok(Kind::Dump), Kind::parse)?;
    let reason = Reason::optional(new.reason.as_deref().unwrap_or_default())?;
    let job =
        site.console.perform(&actor, StartBackup { deployment: deployment(&name)?, reason, targets, kind }).await?;
    Ok((StatusCode::ACCEPTED, Json(Queued { job: job.0 })))
}

/// Why, and where to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBackup {
    reason: Option<String>,
    /// Names of targets; the console's own directory when there is none.
    targets: Option<Vec<String>>,
    /// `dump` (the shortest outage that is possible), `short_outage_dump` (from a clone of the store, or not at all) or
    /// `offline_dump` (Neo4j stays stopped until the dumps are written).
    kind: Option<String>,
}

/// One backup on one target.
#[derive(Debug, Serialize, ToSchema)]
pub struct CopyRow {
    name: String,
    /// `verified`, `unread` (found by a scan, no sha256 compared yet), `failed` or `missing`.
    state: String,
    bytes: u64,
    /// Of its `SHA256SUMS`, which names the sha256 of each part as it lies there.
    sha256: String,
    /// Keys the copy is encrypted to; none: it is not. A restore from it needs the identity of one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    age_recipients: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// A backup in full.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackupDetail {
    id: String,
    deployment: String,
    made_at: chrono::DateTime<chrono::Utc>,
    /// What was made, in the words of `POST …/backups`; `how` in the manifest says why.
    kind: String,
    /// It stays, whatever the rules of retention say.
    pinned: bool,
    /// `own`; `outside` (uploaded or found, without this console's seal: neither restored nor drilled until it is
    /// accepted) or `accepted`.
    origin: String,
    targets: Vec<CopyRow>,
    #[schema(value_type = Object)]
    manifest: domain::backup::Manifest,
}

impl From<Detail> for BackupDetail {
    fn from(detail: Detail) -> Self {
        let row = |c: BackupCopy| CopyRow {
            sha256: bundle::digest(bundle::stored(&detail.manifest, c.encrypted.as_ref())),
            name: c.target.to_string(),
            state: c.state.as_str().into(),
            bytes: c.bytes,
            age_recipients: c
                .encrypted
                .into_iter()
                .flat_map(|encrypted| encrypted.recipients)
                .map(Into::into)
                .collect(),
            problem: c.problem,
        };
        let targets = detail.copies.into_iter().map(row).collect();
        let mut manifest = detail.manifest;
        // Variables hold passwords; whoever may see backups need not see those.
        manifest.env.iter_mut().for_each(|v| (v.value, v.sealed) = (None, None));
        Self {
            id: manifest.id.to_string(),
            deployment: manifest.deployment.to_string(),
            made_at: manifest.made_at,
            kind: manifest.kind.clone(),
            pinned: detail.pinned,
            origin: detail.origin.as_str().into(),
            targets,
            manifest,
        }
    }
}

fn id(text: &str) -> Result<BackupId, ops::Error> {
    BackupId::parse(text).map_err(|_| ops::Error::not_found("backup", text))
}

/// A backup: what is in it, and on which targets it is whole.
#[utoipa::path(get, path = "/backups/{id}", tag = "backups", params(("id" = String, Path)), responses((status = 200, body = BackupDetail), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn show(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(text): Path<String>,
) -> Answer<Json<BackupDetail>> {
    Ok(Json(site.console.ask(&actor, GetBackup { backup: id(&text)? }).await?.into()))
}

/// Delete a backup from all its targets.
#[utoipa::path(delete, path = "/backups/{id}", tag = "backups", params(("id" = String, Path)), responses((status = 204), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn remove(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(text): Path<String>,
) -> Answer<StatusCode> {
    let backup = id(&text)?;
    // The typed name is the pages' guard against a slip; a program names the whole id. Who may not delete learns
    // nothing of it.
    let there = site.console.scope(Subject::Backup(backup.clone())).await?;
    let confirm = match actor.lacks(DeleteBackup::NEEDS, &there) {
        None => site.console.ask(&actor, GetBackup { backup: backup.clone() }).await?.manifest.deployment.to_string(),
        Some(_) => String::new(),
    };
    site.console.perform(&actor, DeleteBackup { backup, confirm }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Read the backup back from every target and compare every sha256.
#[utoipa::path(post, path = "/backups/{id}/verify", tag = "backups", params(("id" = String, Path)), responses((status = 202, body = Queued), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn verify(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(text): Path<String>,
) -> Answer<impl IntoResponse> {
    let job = site.console.perform(&actor, VerifyBackup { backup: id(&text)? }).await?;
    Ok((StatusCode::ACCEPTED, Json(Queued { job: job.0 })))
}

/// Say that a backup from outside may be restored.
#[utoipa::path(post, path = "/backups/{id}/accept", tag = "backups", params(("id" = String, Path)), responses((status = 204), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn accept(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(text): Path<String>,
) -> Answer<StatusCode> {
    site.console.perform(&actor, AcceptBackup { backup: id(&text)? }).await?;
    Ok(StatusCode::NO_CONTENT)
}
