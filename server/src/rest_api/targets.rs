//! Targets of backups.

use super::Answer;
use super::body::Body;
use crate::http::problem::Details;
use crate::site::Site;
use axum::Json;
use axum::extract::{Extension, Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use domain::Invalid;
use domain::encryption::Recipient;
use domain::target::{Place, S3, Target, TargetName};
use ops::Actor;
use ops::use_cases::targets::{AddTarget, ListTargets, RemoveTarget, TestTarget};
use ports::Keys;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Where backups are copied to. Keys are never shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct TargetRow {
    name: String,
    /// `directory` or `s3`.
    kind: String,
    /// The console's own directory; it cannot be removed.
    built_in: bool,
    /// Copies there are encrypted to these keys; none: they are not.
    age_recipients: Vec<String>,
    #[serde(flatten)]
    #[schema(value_type = Object)]
    place: serde_json::Value,
}

impl From<Target> for TargetRow {
    fn from(target: Target) -> Self {
        let place = serde_json::to_value(&target.place).unwrap_or_default();
        let place = place
            .as_object()
            .map(|o| o.iter().filter(|(k, _)| *k != "kind").map(|(k, v)| (k.clone(), v.clone())).collect())
            .unwrap_or_default();
        Self {
            name: target.name.to_string(),
            kind: target.place.kind().into(),
            built_in: target.built_in,
            age_recipients: target.recipients.into_iter().map(Into::into).collect(),
            place: serde_json::Value::Object(place),
        }
    }
}

/// A new target. It is written, read and cleaned once before it is kept.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTarget {
    name: String,
    /// `directory` or `s3`.
    kind: String,
    /// Of a directory, on the console's machine.
    path: Option<String>,
    /// Of a directory: refuse to write while nothing is mounted there.
    #[serde(default)]
    mounted: bool,
    endpoint: Option<String>,
    region: Option<String>,
    bucket: Option<String>,
    prefix: Option<String>,
    #[serde(default)]
    path_style: bool,
    storage_class: Option<String>,
    server_side_encryption: Option<String>,
    access_key: Option<String>,
    secret_key: Option<String>,
    /// Public keys, `age1…`: copies there are encrypted so that only who holds an identity to one of them can read
    /// them. The console holds none; a restore from there needs `age_identity`.
    #[serde(default)]
    age_recipients: Vec<String>,
}

impl NewTarget {
    fn split(self) -> Result<AddTarget, Invalid> {
        let name = TargetName::parse(&self.name)?;
        let keys = match (self.access_key, self.secret_key) {
            (Some(access_key), Some(secret_key)) => Some(Keys { access_key, secret_key }),
            (None, None) => None,
            _ => return Err(Invalid::new("secret_key", "Give both access_key and secret_key, or neither.")),
        };
        let place = match self.kind.as_str() {
            "directory" => Place::Directory { path: self.path.unwrap_or_default(), mounted: self.mounted },
            "s3" => Place::S3(S3 {
                endpoint: self.endpoint.unwrap_or_default(),
                region: self.region.unwrap_or_default(),
                bucket: self.bucket.unwrap_or_default(),
                prefix: self.prefix.unwrap_or_default(),
                path_style: self.path_style,
                storage_class: self.storage_class.unwrap_or_default(),
                server_side_encryption: self.server_side_encryption.unwrap_or_default(),
            }),
            _ => return Err(Invalid::new("kind", "The kind is directory or s3.")),
        };
        let recipients = Recipient::parse_all(self.age_recipients.iter().map(String::as_str))?;
        Ok(AddTarget { name, place, keys, recipients })
    }
}

pub(super) fn named(name: &str) -> Result<TargetName, ops::Error> {
    TargetName::parse(name).map_err(|_| ops::Error::not_found("target", name))
}

/// All targets, the console's own directory first.
#[utoipa::path(get, path = "/targets", tag = "targets", responses((status = 200, body = [TargetRow]), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn list(State(site): State<Site>, Extension(actor): Extension<Actor>) -> Answer<Json<Vec<TargetRow>>> {
    let all = site.console.ask(&actor, ListTargets {}).await?;
    Ok(Json(all.into_iter().map(Into::into).collect()))
}

/// Add a target. Fails in words when it cannot be written, read or cleaned.
#[utoipa::path(post, path = "/targets", tag = "targets", request_body = NewTarget, responses((status = 201, headers(("Location" = String))), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn add(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Body(new): Body<NewTarget>,
) -> Answer<impl IntoResponse> {
    let add = new.split()?;
    let location = format!("/api/v1/targets/{}", add.name);
    site.console.perform(&actor, add).await?;
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(serde_json::json!({}))))
}

/// Write, read and remove a small file there.
#[utoipa::path(post, path = "/targets/{name}/test", tag = "targets", params(("name" = String, Path)), responses((status = 204), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn test(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
) -> Answer<StatusCode> {
    site.console.perform(&actor, TestTarget { name: named(&name)? }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether copies are forgotten with the target.
#[derive(Deserialize, IntoParams)]
pub struct Forget {
    /// The target's name once more: backups' copies there are forgotten, and backups without another copy leave the
    /// list. For a target that will not come back.
    forget_copies: Option<String>,
}

/// Forget a target that no schedule uses and that has no backups, or whose copies are to be forgotten too. What lies
/// there stays.
#[utoipa::path(delete, path = "/targets/{name}", tag = "targets", params(("name" = String, Path), Forget), responses((status = 204), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn remove(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    Query(forget): Query<Forget>,
) -> Answer<StatusCode> {
    site.console.perform(&actor, RemoveTarget { name: named(&name)?, forget_copies: forget.forget_copies }).await?;
    Ok(StatusCode::NO_CONTENT)
}
