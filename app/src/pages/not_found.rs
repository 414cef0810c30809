use crate::components::problem::problem_page;
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! { <Title text="Not found"/>{problem_page(&crate::api::not_found())} }
}
