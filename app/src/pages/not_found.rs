use crate::components::problem::problem_page;
use leptos::prelude::*;

#[component]
pub fn NotFoundPage() -> impl IntoView {
    problem_page(&crate::api::not_found())
}
