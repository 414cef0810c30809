//! `Authorization: Bearer …`: the only way in. No cookie is read here, so no other site can make a browser act.

use crate::http::{access_log, address, errors, problem};
use crate::site::Site;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use domain::Problem;
use domain::problem::ProblemKind;

/// Puts the [`ops::Actor`] into the request or refuses it.
pub async fn require(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let Some(token) = bearer(request.headers()) else {
        return refuse("This needs a token.", "Send Authorization: Bearer TOKEN.");
    };
    let address = address::of(request.extensions(), request.headers(), &site.config.trusted_proxies);
    match site.console.actor_of_token(token, &address).await {
        Ok(Some(actor)) => {
            access_log::member(&actor.name);
            request.extensions_mut().insert(actor);
            next.run(request).await
        }
        Ok(None) => {
            refuse("This token is not valid.", "It was mistyped, revoked or has expired, or its member was disabled.")
        }
        Err(error) => errors::bare(error.problem()),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    Some(token.trim()).filter(|token| scheme.eq_ignore_ascii_case("bearer") && !token.is_empty())
}

fn refuse(title: &str, todo: &str) -> Response {
    problem::json(
        Problem::new(ProblemKind::SignInNeeded, title)
            .next_step(todo)
            .next_step("neo4j-admin-console token create NAME makes one."),
    )
}
