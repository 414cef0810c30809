//! The audit log, read only.

use super::Timed;
use crate::problem::ApiError;
use domain::audit::Entry;
use domain::page::Page;

use super::request::*;

/// A page of the audit log (`audit.view`). `find` is cut to 200 characters; `page` counts from 1.
pub async fn list_audit(find: String, page: u32) -> Result<Timed<Page<Entry>>, ApiError> {
    let find = find.chars().take(200).collect();
    ask_timed(Ok(ops::use_cases::audit::ListAudit { find, page: page.max(1) })).await
}
