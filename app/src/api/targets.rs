//! Targets of backups: the list, one of them, adding, trying and removing one.

use super::Timed;
use crate::problem::ApiError;
use domain::target::Target;
use leptos::prelude::*;

use super::request::*;
use domain::Invalid;
use domain::encryption::{Recipient, holds_identity};
use domain::target::{Place, S3, TargetName};
use ops::Error;
use ops::use_cases::{scan, targets as use_case};
use ports::Keys;

/// All targets of backups, the console's own first (`backup.view`).
pub async fn list_targets() -> Result<Timed<Vec<Target>>, ApiError> {
    ask_timed(Ok(use_case::ListTargets {})).await
}

/// One target by its name (`backup.view`).
pub async fn get_target(name: String) -> Result<Target, ApiError> {
    let all = ask(use_case::ListTargets {}).await?;
    let found = all.into_iter().find(|target| target.name.as_str() == name);
    reply(found.ok_or_else(|| Error::not_found("target", name)))
}

/// Adds a directory of this host as a target, after a file was written and read there (`target.manage`).
#[server(prefix = "/api/fn", endpoint = "add_directory")]
pub async fn add_directory(
    #[server(default)] name: String,
    #[server(default)] path: String,
    #[server(default)] mounted: String,
    #[server(default)] age_recipients: String,
) -> Result<(), ApiError> {
    let values = [
        ("name", name.as_str()),
        ("path", path.as_str()),
        ("mounted", mounted.as_str()),
        ("age_recipients", without_secret(&age_recipients)),
    ];
    let done = async {
        let place = Place::Directory { path: path.clone(), mounted: mounted == "on" };
        let name = TargetName::parse(&name)?;
        let recipients = Recipient::parse_all(age_recipients.lines())?;
        perform(use_case::AddTarget { name, place, keys: None, recipients }).await?;
        Ok("/targets?done=target-added".to_string())
    };
    answer_form::<AddDirectory>(&values, done.await)
}

/// Adds a bucket of an S3 store as a target, after a file was written and read there (`target.manage`).
#[server(prefix = "/api/fn", endpoint = "add_s3")]
pub async fn add_s3(
    #[server(default)] name: String,
    #[server(default)] endpoint: String,
    #[server(default)] region: String,
    #[server(default)] bucket: String,
    #[server(default)] prefix: String,
    #[server(default)] path_style: String,
    #[server(default)] storage_class: String,
    #[server(default)] server_side_encryption: String,
    #[server(default)] access_key: String,
    #[server(default)] secret_key: String,
    #[server(default)] age_recipients: String,
) -> Result<(), ApiError> {
    let values = [
        ("name", name.clone()),
        ("endpoint", endpoint.clone()),
        ("region", region.clone()),
        ("bucket", bucket.clone()),
        ("prefix", prefix.clone()),
        ("path_style", path_style.clone()),
        ("storage_class", storage_class.clone()),
        ("server_side_encryption", server_side_encryption.clone()),
        ("access_key", access_key.clone()),
        ("age_recipients", without_secret(&age_recipients).to_string()),
    ];
    let values = values.each_ref().map(|(field, value)| (*field, value.as_str()));
    let done = async {
        let keys = match (access_key.trim(), secret_key.trim()) {
            ("", "") => None,
            ("", _) | (_, "") => return Err(Invalid::new("secret_key", "Write both keys, or leave both empty.").into()),
            (access, secret) => Some(Keys { access_key: access.into(), secret_key: secret.into() }),
        };
        let path_style = path_style == "on";
        let place =
            Place::S3(S3 { endpoint, region, bucket, prefix, path_style, storage_class, server_side_encryption });
        let recipients = Recipient::parse_all(age_recipients.lines())?;
        perform(use_case::AddTarget { name: TargetName::parse(&name)?, place, keys, recipients }).await?;
        Ok("/targets?done=target-added".to_string())
    };
    answer_form::<AddS3>(&values, done.await)
}

/// An identity in the field of the recipients goes neither into a cookie nor back onto the page.
fn without_secret(recipients: &str) -> &str {
    if holds_identity(recipients) { "" } else { recipients }
}

/// Writes, reads and removes a small file on a target now (`backup.run`).
#[server(prefix = "/api/fn", endpoint = "try_target")]
pub async fn try_target(#[server(default)] name: String) -> Result<(), ApiError> {
    let done = async {
        let target = TargetName::parse(&name)?;
        let to = format!("/targets/{target}?done=target-tried");
        perform(use_case::TestTarget { name: target }).await?;
        Ok(to)
    };
    answer_form::<TryTarget>(&[], done.await)
}

/// The numbers of what was seen go back in the address.
#[server(prefix = "/api/fn", endpoint = "scan_target")]
pub async fn scan_target(#[server(default)] name: String) -> Result<(), ApiError> {
    let done = async {
        let target = TargetName::parse(&name)?;
        let seen = perform(scan::ScanTarget { name: target.clone() }).await?;
        Ok(format!(
            "/targets/{target}?found={}&known={}&others={}",
            seen.found.len() + seen.copies.len(),
            seen.known.len(),
            seen.unreadable.len()
        ))
    };
    answer_form::<ScanTarget>(&[], done.await)
}

/// Removes a target (`target.manage`). `forget_copies` is the typed name where backups have copies only there.
#[server(prefix = "/api/fn", endpoint = "remove_target")]
pub async fn remove_target(
    #[server(default)] name: String,
    #[server(default)] forget_copies: String,
) -> Result<(), ApiError> {
    let done = async {
        let forget_copies = Some(forget_copies.clone()).filter(|typed| !typed.trim().is_empty());
        perform(use_case::RemoveTarget { name: TargetName::parse(&name)?, forget_copies }).await?;
        Ok("/targets?done=target-removed".to_string())
    };
    answer_form::<RemoveTarget>(&[("forget_copies", &forget_copies)], done.await)
}
