//! Setting up, signing in and out, one's own password and theme. These forms change who looks at the page, so they are
//! plain forms: the browser loads the next page whole.

use crate::problem::ApiError;
use leptos::prelude::*;

use super::request::*;
use ops::use_cases::members::ChangeOwnPassword;
use ops::{Actor, Error};

/// Whether the first admin is still to be made.
pub async fn is_setup_open() -> Result<bool, ApiError> {
    reply(async { console()?.setup_open().await }.await)
}

/// Makes the first admin with the token of the set-up link, and signs in. Only while there is no member.
#[server(prefix = "/api/fn", endpoint = "set_up")]
pub async fn set_up(
    #[server(default)] token: String,
    #[server(default)] name: String,
    #[server(default)] password: String,
) -> Result<(), ApiError> {
    let done = async {
        let actor = console()?.set_up(&token, &name, &password, &visitor()?.address).await?;
        begin_session(&actor).await?;
        Ok("/?done=set-up".to_string())
    };
    answer_form::<SetUp>(&[("name", &name)], done.await)
}

/// Signs in and goes on to `next`, if that is an address of this console, else to the list of deployments.
#[server(prefix = "/api/fn", endpoint = "sign_in")]
pub async fn sign_in(
    #[server(default)] name: String,
    #[server(default)] password: String,
    #[server(default)] next: String,
) -> Result<(), ApiError> {
    let done = async {
        let actor = console()?.sign_in(&name, &password, &visitor()?.address).await?;
        begin_session(&actor).await?;
        Ok(local_path(&next).unwrap_or("/").to_string())
    };
    answer_form::<SignIn>(&[("name", &name)], done.await)
}

/// Ends the session and goes to the sign-in page.
#[server(prefix = "/api/fn", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), ApiError> {
    let done = async {
        session().await?.flush().await.map_err(Error::internal)?;
        Ok("/login?done=signed-out".to_string())
    };
    answer_form::<SignOut>(&[], done.await)
}

/// Changes one's own password (`account.own`). Other sessions end; API tokens too, unless `keep_tokens` is set.
#[server(prefix = "/api/fn", endpoint = "change_password")]
pub async fn change_password(
    #[server(default)] present: String,
    #[server(default)] new: String,
    #[server(default)] keep_tokens: String,
) -> Result<(), ApiError> {
    let done = async {
        let keep_tokens = !keep_tokens.is_empty();
        let epoch = perform(ChangeOwnPassword { present, new, keep_tokens }).await?;
        let session = session().await?;
        session.cycle_id().await.map_err(Error::internal)?;
        session.insert("epoch", epoch).await.map_err(Error::internal)?;
        Ok("/account?done=password".to_string())
    };
    answer_form::<ChangePassword>(&[("keep_tokens", &keep_tokens)], done.await)
}

/// Light, dark or as the system: kept in a cookie of a year.
#[server(prefix = "/api/fn", endpoint = "set_theme")]
pub async fn set_theme(#[server(default)] theme: String) -> Result<(), ApiError> {
    let theme = ["light", "dark"].into_iter().find(|t| *t == theme).unwrap_or_default();
    set_plain_cookie("theme", theme, 365 * 86_400);
    answer_form::<SetTheme>(&[], Ok("/account?done=theme".into()))
}

async fn session() -> Result<tower_sessions::Session, Error> {
    leptos_axum::extract::<tower_sessions::Session>().await.map_err(|e| Error::internal(e.to_string()))
}

/// A new session for whoever just proved who they are; the old one's number is worth nothing any more.
async fn begin_session(actor: &Actor) -> Result<(), Error> {
    let session = session().await?;
    session.cycle_id().await.map_err(Error::internal)?;
    session.insert("member", actor.id.0).await.map_err(Error::internal)?;
    session.insert("epoch", actor.epoch).await.map_err(Error::internal)
}
