//! Scanning a target for bundles.

use super::Answer;
use super::targets::named;
use crate::http::problem::Details;
use crate::site::Site;
use axum::Json;
use axum::extract::{Extension, Path, State};
use domain::backup::BackupId;
use ops::Actor;
use ops::use_cases::scan::{Scan, ScanTarget};
use serde::Serialize;
use utoipa::ToSchema;

/// A bundle that was left alone.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unreadable {
    id: String,
    problem: String,
}

/// What lies on the target.
#[derive(Debug, Serialize, ToSchema)]
pub struct Found {
    /// Backups from now on; `unread` until every sha256 was compared.
    found: Vec<String>,
    /// Were backups already and have a copy here from now on.
    copies: Vec<String>,
    /// Were backups with a copy here already.
    known: Vec<String>,
    unreadable: Vec<Unreadable>,
    /// Jobs that read the newest one of each adopted deployment.
    jobs: Vec<i64>,
}

impl From<Scan> for Found {
    fn from(scan: Scan) -> Self {
        let texts = |ids: Vec<BackupId>| ids.iter().map(ToString::to_string).collect();
        Self {
            found: texts(scan.found),
            copies: texts(scan.copies),
            known: texts(scan.known),
            unreadable: scan
                .unreadable
                .into_iter()
                .map(|(id, problem)| Unreadable { id: id.to_string(), problem })
                .collect(),
            jobs: scan.jobs.into_iter().map(|job| job.0).collect(),
        }
    }
}

/// Look for bundles the console does not know, for example after its own state was lost. Safe to repeat.
#[utoipa::path(post, path = "/targets/{name}/scan", tag = "targets", params(("name" = String, Path)), responses((status = 200, body = Found), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn start(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
) -> Answer<Json<Found>> {
    Ok(Json(site.console.perform(&actor, ScanTarget { name: named(&name)? }).await?.into()))
}
