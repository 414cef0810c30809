//! The one place where page data is awaited, so loading and errors look the same everywhere.

use super::form::Changes;
use super::problem::problem_page;
use crate::api::question::{Answer, Ask, Question};
use crate::problem::ApiError;
use leptos::prelude::*;
use leptos::server::codee::string::FromToStringCodec;
use std::sync::Arc;

/// What was asked, as it is loaded. Asked again whenever something changes that the question was made of.
pub type Asked = Resource<Answer, FromToStringCodec>;

/// Asks a question, and again after each form that is done. Its answer is in the page when it leaves the server.
pub fn asked<S: Ask>(question: impl Fn() -> S + Send + Sync + 'static) -> Asked {
    load(Box::new(move || Question::of(question())))
}

/// Draws the page when its data is there, or the problem in its place.
pub fn loaded<S: Ask>(
    question: impl Fn() -> S + Send + Sync + 'static,
    draw: impl Fn(Arc<S::Told>) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    drawn(asked(question), loading, move |told: Result<_, ApiError>| match told {
        Ok(told) => draw(told),
        Err(error) => problem_page(&error.0),
    })
}

/// Draws a part of a page when its data is there; nothing before.
pub fn part<S: Ask>(
    question: impl Fn() -> S + Send + Sync + 'static,
    draw: impl Fn(Result<Arc<S::Told>, ApiError>) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    drawn(asked(question), || ().into_any(), draw)
}

fn drawn<T: serde::de::DeserializeOwned + Send + Sync + 'static>(
    data: Asked,
    meanwhile: fn() -> AnyView,
    draw: impl Fn(Result<Arc<T>, ApiError>) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    wait(data, meanwhile, Arc::new(move |answer| draw(answer.read())))
}

fn loading() -> AnyView {
    view! { <main id="main" tabindex="-1"><p class="sr" role="status">"Loading"</p></main> }.into_any()
}

// What follows knows no types: it is in the browser's code once.

fn load(question: Box<dyn Fn() -> Question + Send + Sync>) -> Asked {
    let changes = use_context::<Changes>();
    let question = move || {
        if let Some(changes) = changes {
            changes.track();
        }
        question()
    };
    Resource::new_str_blocking(question, Question::answer)
}

fn wait(data: Asked, meanwhile: fn() -> AnyView, draw: Arc<dyn Fn(&Answer) -> AnyView + Send + Sync>) -> AnyView {
    view! {
        <Transition fallback=meanwhile>
            {move || {
                let draw = draw.clone();
                Suspend::new(async move { draw(&data.await) })
            }}
        </Transition>
    }
    .into_any()
}
