//! Loading and failing look the same everywhere, because this does them: a page is drawn when its answers are there.

use super::problem::problem_page;
use crate::problem::ApiError;
use leptos::prelude::*;

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

/// Draws a part of a page when its data is there.
pub fn part<T: Send + 'static>(
    asked: impl Future<Output = Result<T, ApiError>> + Send + 'static,
    draw: impl FnOnce(Result<T, ApiError>) -> AnyView + Send + 'static,
) -> AnyView {
    Suspend::new(async move { draw(asked.await) }).into_any()
}
