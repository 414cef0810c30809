//! Loading and failing look the same everywhere, because this does them: a page's data is awaited in exactly one place.

use super::problem::problem_page;
use crate::problem::ApiError;
use leptos::prelude::*;

/// Draws the page when its data is there, or the problem in its place.
pub fn loaded<T>(data: Resource<Result<T, ApiError>>, draw: impl Fn(T) -> AnyView + Clone + Send + Sync + 'static) -> AnyView
where
    T: Clone + Send + Sync + 'static,
{
    view! {
        <Transition fallback=|| view! { <main id="main" tabindex="-1"><p class="sr" role="status">"Loading"</p></main> }>
            {move || {
                let draw = draw.clone();
                Suspend::new(async move {
                    match data.await {
                        Ok(value) => draw(value),
                        Err(error) => problem_page(&error.0),
                    }
                })
            }}
        </Transition>
    }
    .into_any()
}
