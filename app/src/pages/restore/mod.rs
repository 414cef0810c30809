//! The restore wizard: choose → look inside → checks → confirm → the job's own page. Each step is a page with its own address.

mod checks;
mod choose;
mod confirm;
mod inside;
mod undo;

pub use checks::ChecksPage;
pub use choose::ChoosePage;
pub use confirm::ConfirmRestorePage;
pub use inside::InsidePage;
pub use undo::{RemoveSetAsidePage, UndoRestorePage};

use super::param;
use crate::api::restores::CheckRestore;
use domain::gate::RestoreCheck;
use leptos::prelude::*;

/// The addresses of the steps up to `confirm`, for the links back.
fn addresses(deployment: &str, backup: &str) -> Vec<String> {
    let base = format!("/deployments/{deployment}/restore");
    vec![base.clone(), format!("{base}/{backup}"), format!("{base}/{backup}/checks"), format!("{base}/{backup}/confirm")]
}

/// What three of the steps show: the backup, the gates, and what is there now.
fn check() -> impl Fn() -> CheckRestore {
    let (name, backup) = (param("name"), param("backup"));
    move || CheckRestore { deployment: name.get(), backup: backup.get() }
}

/// “about 5 min”, from the last restore.
fn outage(check: &RestoreCheck) -> String {
    check.offline_ms.map_or_else(|| "for a stop, the loading of the data and a start".into(), |ms| format!("for about {}", domain::text::took(ms)))
}
