//! Sign-ins of registries: the list, saving and removing one.

use super::Timed;
use super::request::*;
use crate::problem::ApiError;
use domain::Invalid;
use domain::registry_sign_in::{RegistryHost, RegistryPassword, RegistrySignIn, RegistryUser, View};
use leptos::prelude::*;
use ops::Error;
use ops::use_cases::registries as use_case;

/// The sign-ins, without their passwords (`registry.manage`).
pub async fn list_registries() -> Result<Timed<Vec<View>>, ApiError> {
    ask_timed(Ok(use_case::ListRegistries {})).await
}

/// The sign-in of one registry (`registry.manage`).
pub async fn get_registry(host: String) -> Result<View, ApiError> {
    let all = ask(use_case::ListRegistries {}).await?;
    let found = all.into_iter().find(|one| one.host.as_str() == host);
    reply(found.ok_or_else(|| Error::not_found("sign-in of the registry", host)))
}

/// Adds a sign-in or replaces the registry's, once the registry has taken it (`registry.manage`).
#[server(prefix = "/api/fn", endpoint = "save_registry")]
pub async fn save_registry(
    #[server(default)] host: String,
    #[server(default)] user: String,
    #[server(default)] password: String,
) -> Result<(), ApiError> {
    let done = async {
        let sign_in = RegistrySignIn {
            host: RegistryHost::parse(&host)?,
            user: RegistryUser::parse(&user)?,
            password: RegistryPassword::parse(&password)?,
        };
        perform(use_case::SaveRegistrySignIn { sign_in }).await?;
        Ok("/registries?done=registry-saved".to_string())
    };
    answer_form::<SaveRegistry>(&[("host", &host), ("user", &user)], done.await)
}

/// Removes the sign-in of a registry whose host was typed again (`registry.manage`).
#[server(prefix = "/api/fn", endpoint = "remove_registry")]
pub async fn remove_registry(
    #[server(default)] host: String,
    #[server(default)] confirm: String,
) -> Result<(), ApiError> {
    let done = async {
        let host = RegistryHost::parse(&host)?;
        if confirm.trim() != host.as_str() {
            return Err(Invalid::new("confirm", format!("Type {host} exactly.")).into());
        }
        perform(use_case::RemoveRegistrySignIn { host }).await?;
        Ok("/registries?done=registry-removed".to_string())
    };
    answer_form::<RemoveRegistry>(&[("confirm", &confirm)], done.await)
}
