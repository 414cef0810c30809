//! The restore wizard: choose → look inside → checks → confirm → the job's own page. Each step is a page with its own
//! address.

mod as_new;
mod checks;
mod choose;
mod confirm;
mod identity;
mod inside;
mod undo;

pub use checks::checks_page;
pub use choose::choose_page;
pub use confirm::confirm_restore_page;
pub use inside::inside_page;
pub use undo::{remove_set_aside_page, undo_restore_page};

use super::{param, query};
use crate::api::Timed;
use crate::api::restores::check_restore;
use crate::problem::ApiError;
use domain::gate::RestoreCheck;

/// What stands behind the question mark when it goes into a new deployment.
const INTO_NEW: &str = "new";

/// Whether the backup goes into a new deployment, and not in place: each step hands it on in its address.
fn into_new() -> bool {
    query("into") == INTO_NEW
}

/// The addresses of the steps up to `confirm`, for the links back.
fn addresses(deployment: &str, backup: &str, as_new: bool) -> Vec<String> {
    let base = format!("/deployments/{deployment}/restore");
    let into = if as_new { format!("?into={INTO_NEW}") } else { String::new() };
    vec![
        format!("{base}{into}"),
        format!("{base}/{backup}{into}"),
        format!("{base}/{backup}/checks{into}"),
        format!("{base}/{backup}/confirm{into}"),
    ]
}

/// What three of the steps show: the backup, the gates, and what is there now.
fn check() -> impl Future<Output = Result<Timed<RestoreCheck>, ApiError>> + Send {
    check_restore(param("name"), param("backup"), into_new())
}

/// “about 5 min”, from the last restore.
fn outage(check: &RestoreCheck) -> String {
    check.offline_ms.map_or_else(
        || "for a stop, the loading of the data and a start".into(),
        |ms| format!("for about {}", domain::text::took(ms)),
    )
}
