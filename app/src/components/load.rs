//! Loading and failing look the same everywhere, because this does them: a page is drawn when its answers are there.

use super::problem::problem_page;
use crate::problem::ApiError;
use leptos::prelude::*;
use leptos::reactive::computed::ScopedFuture;

/// Draws the page when its data is there, or the problem in its place.
pub fn loaded<T: Send + 'static>(
    asked: impl Future<Output = Result<T, ApiError>> + Send + 'static,
    draw: impl FnOnce(T) -> AnyView + Send + 'static,
) -> AnyView {
    part(asked, |told| match told {
        Ok(told) => draw(told),
        Err(error) => problem_page(&error.0),
    })
}

/// Draws a part of a page when its data is there. It is loaded by a task of its own: leptos polls one part of a page
/// after the other, and a part that held a connection to the database while it waits for its turn would keep it from
/// the one whose turn it is.
pub fn part<T: Send + 'static>(
    asked: impl Future<Output = Result<T, ApiError>> + Send + 'static,
    draw: impl FnOnce(Result<T, ApiError>) -> AnyView + Send + 'static,
) -> AnyView {
    let loading = tokio::spawn(ScopedFuture::new(asked));
    Suspend::new(async move {
        let told = loading.await.unwrap_or_else(|error| Err(ops::Error::internal(error).problem().into()));
        draw(told)
    })
    .into_any()
}
