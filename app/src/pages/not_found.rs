//! An address without a page.

use crate::components::problem::problem_page;
use leptos::prelude::*;

/// The problem page with status 404.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    problem_page(&crate::api::not_found())
}
