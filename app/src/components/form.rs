//! A form's life: sent, refused with reasons, or gone on to the next page. The same with JavaScript, where the answer comes to
//! the action, and without, where it comes back once with the page ([`crate::problem::Refusal`]).

use crate::problem::ApiError;
use crate::visitor::Arrival;
use domain::Problem;
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos::server_fn::client::Client;
use leptos::server_fn::codec::PostUrl;
use leptos::server_fn::request::ClientReq;
use leptos::server_fn::{Http, ServerFn};
use leptos::web_sys::FormData;
use serde::de::DeserializeOwned;

/// What fields and notices of one form look at. Copy, so that every part may have it.
#[derive(Clone, Copy)]
pub struct Form {
    problem: Signal<Option<Problem>>,
    kept: StoredValue<Vec<(String, String)>>,
    pending: Signal<bool>,
}

impl Form {
    /// A form sent by the console's own code. The action's first value would be read from the address by leptos, where anybody
    /// can write it; it counts only after the form was really sent.
    pub fn of<S>(action: ServerAction<S>) -> Self
    where
        S: ServerFn<Output = (), Error = ApiError> + Clone + Send + Sync + 'static,
    {
        let (arrived, kept) = arrived(S::PATH);
        let (value, version) = (action.value(), action.version());
        let problem = Signal::derive(move || match version.get() {
            0 => arrived.get_value(),
            _ => value.get().and_then(Result::err).map(|e| *e.0),
        });
        Self { problem, kept, pending: action.pending().into() }
    }

    /// A form sent by the browser itself, because the whole page must load anew after it.
    pub fn plain<S: ServerFn>() -> Self {
        let (arrived, kept) = arrived(S::PATH);
        Self { problem: Signal::derive(move || arrived.get_value()), kept, pending: Signal::derive(|| false) }
    }

    pub fn problem(&self) -> Option<Problem> {
        self.problem.get()
    }

    /// Why this field was refused.
    pub fn error(&self, field: &str) -> Option<String> {
        self.problem.with(|p| p.as_ref().and_then(|p| p.field(field)).map(ToString::to_string))
    }

    /// Whether this field is the first that was refused: there one goes on typing.
    pub fn is_first_error(&self, field: &str) -> bool {
        // Asked once, when the field is drawn: focus does not move by itself later.
        untrack(|| self.problem.with(|p| p.as_ref().and_then(|p| p.fields.first()).is_some_and(|f| f.field == field)))
    }

    /// What had been typed before, else `otherwise`.
    pub fn kept(&self, field: &str, otherwise: String) -> String {
        self.kept.with_value(|kept| kept.iter().find(|(name, _)| name == field).map(|(_, value)| value.clone())).unwrap_or(otherwise)
    }

    pub fn pending(&self) -> bool {
        self.pending.get()
    }
}

type Arrived = (StoredValue<Option<Problem>>, StoredValue<Vec<(String, String)>>);

/// The refusal that came with this page, if it is this form's. It is handed out once: whoever comes back later starts afresh.
fn arrived(form: &str) -> Arrived {
    let mine = use_context::<Arrival>().and_then(|a| {
        let is_mine = a.refusal.with_value(|r| r.as_ref().is_some_and(|r| r.form == form));
        if is_mine { a.refusal.try_update_value(Option::take).flatten() } else { None }
    });
    let (problem, kept) = mine.map_or((None, Vec::new()), |r| (Some(r.problem), r.kept));
    (StoredValue::new(problem), StoredValue::new(kept))
}

/// The button that sends the form. While it is being sent the button says so and is not pressed twice.
#[component]
pub fn Send(form: Form, #[prop(into)] label: String, #[prop(default = "button primary")] class: &'static str) -> impl IntoView {
    let label = StoredValue::new(label);
    view! {
        <button class=class type="submit" aria-disabled=move || form.pending().then_some("true")>
            {move || form.pending().then(super::icon::spinner)}
            {move || label.get_value()}
        </button>
    }
}

/// The form itself: sent by the console's own code when it is alive, by the browser when not.
pub fn post<S, O>(action: ServerAction<S>, fields: impl IntoAny) -> AnyView
where
    S: DeserializeOwned + ServerFn<Protocol = Http<PostUrl, O>> + Clone + Send + Sync + 'static,
    <<S::Client as Client<S::Error>>::Request as ClientReq<S::Error>>::FormData: From<FormData>,
    S::Output: Send + Sync + 'static,
    S::Error: Send + Sync + 'static,
    S::Client: Client<S::Error>,
    O: 'static,
{
    let fields = fields.into_any();
    view! { <ActionForm action>{fields}</ActionForm> }.into_any()
}
