//! An address without a page.

use crate::Drawn;

/// The problem page with status 404.
pub async fn not_found_page() -> Drawn {
    Err(crate::api::not_found())
}
