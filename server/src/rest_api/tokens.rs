//! Tokens: the list, and revoking one.

use super::Answer;
use crate::http::problem::Details;
use crate::site::Site;
use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use domain::token::{TokenId, View};
use ops::Actor;
use ops::use_cases::tokens::{ListTokens, RevokeToken};
use serde::Serialize;
use utoipa::ToSchema;

/// A bearer token, without the token itself.
#[derive(Debug, Serialize, ToSchema)]
pub struct Token {
    id: i64,
    /// Whose permissions it has.
    member: String,
    /// What it is for; may be empty.
    label: String,
    /// RFC 3339.
    made_at: String,
    /// RFC 3339.
    expires_at: String,
    /// RFC 3339; absent when it was never used.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_from: Option<String>,
}

impl From<View> for Token {
    fn from(token: View) -> Self {
        let (last_used_at, last_used_from) = token.last_used.map(|(at, from)| (at.to_rfc3339(), from)).unzip();
        Self {
            id: token.id.0,
            member: token.member,
            label: token.label.as_str().to_owned(),
            made_at: token.made_at.to_rfc3339(),
            expires_at: token.expires_at.to_rfc3339(),
            last_used_at,
            last_used_from,
        }
    }
}

/// Your tokens; everybody's for an admin.
#[utoipa::path(get, path = "/tokens", tag = "tokens", responses((status = 200, body = Vec<Token>), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn list(State(site): State<Site>, Extension(actor): Extension<Actor>) -> Answer<Json<Vec<Token>>> {
    Ok(Json(site.console.ask(&actor, ListTokens {}).await?.into_iter().map(Token::from).collect()))
}

/// Revoke a token of yours, or anybody's for an admin. From the next request on it is refused.
#[utoipa::path(delete, path = "/tokens/{id}", tag = "tokens", params(("id" = i64, Path, description = "Of the token")), responses((status = 204), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn revoke(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Answer<StatusCode> {
    let token = id.parse().map(TokenId).map_err(|_| ops::Error::not_found("token", id))?;
    site.console.perform(&actor, RevokeToken { token }).await?;
    Ok(StatusCode::NO_CONTENT)
}
