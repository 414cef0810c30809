//! Bearer tokens of the API: the list, and revoking one. They are made on the command line.

use super::Timed;
use crate::problem::ApiError;
use domain::token::View;
use leptos::prelude::*;

use super::request::*;
use domain::token::TokenId;
use ops::Error;
use ops::use_cases::tokens as use_case;

/// One's own; everybody's for an admin.
pub async fn list_tokens() -> Result<Timed<Vec<View>>, ApiError> {
    ask_timed(Ok(use_case::ListTokens {})).await
}

/// Revokes a token (`account.own`): one's own; an admin anybody's.
#[server(prefix = "/api/fn", endpoint = "revoke_token")]
pub async fn revoke_token(#[server(default)] token: String) -> Result<(), ApiError> {
    let done = async {
        let id = token.parse().map(TokenId).map_err(|_| Error::not_found("token", &token))?;
        perform(use_case::RevokeToken { token: id }).await?;
        Ok("/account?done=token-revoked".to_string())
    };
    answer_form::<RevokeToken>(&[], done.await)
}
