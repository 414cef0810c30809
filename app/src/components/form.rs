//! A form's life: sent, refused with reasons, or gone on to the next page. The same with JavaScript, where the
//! console's own code sends it and gets the answer, and without, where the answer comes back once with the page
//! ([`crate::visitor::Refusal`]).

use crate::api::call::call;
use crate::problem::ApiError;
use crate::visitor::Arrival;
use domain::Problem;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::server_fn::redirect::call_redirect_hook;
use leptos::wasm_bindgen::{JsCast, JsValue};
use web_sys::{FormData, HtmlFormElement, SubmitEvent, UrlSearchParams};

/// What fields and notices of one form look at. Copy, so that every part may have it. Of the server function it knows
/// only the path: the fields are what the browser makes of them, with JavaScript as without.
#[derive(Clone, Copy)]
pub struct Form {
    path: &'static str,
    problem: RwSignal<Option<Problem>>,
    kept: StoredValue<Vec<(String, String)>>,
    pending: RwSignal<bool>,
    refusals: RwSignal<u32>,
    changes: Option<Changes>,
}

/// Counts the forms that were sent and done. What a page shows may be another thing after each, so all of it is asked
/// again: the next page may be the present one.
#[derive(Clone, Copy)]
pub struct Changes(RwSignal<u32>);

impl Changes {
    /// Begins to count, for the whole app.
    pub fn provide() {
        provide_context(Self(RwSignal::new(0)));
    }

    /// Makes the present reactive scope run again after each form that is done.
    pub fn track(self) {
        self.0.track();
    }
}

impl Form {
    /// The form of a server function, with its refusal if one came with this page.
    pub fn of<S: ServerFn<Output = (), Error = ApiError>>() -> Self {
        Self::at(S::PATH)
    }

    fn at(path: &'static str) -> Self {
        let (problem, kept) = arrived(path);
        Self {
            path,
            problem: RwSignal::new(problem),
            kept: StoredValue::new(kept),
            pending: RwSignal::new(false),
            refusals: RwSignal::new(0),
            changes: use_context(),
        }
    }

    /// For data that even a refused form changes: a log of tries.
    pub fn track_refusals(&self) {
        self.refusals.track();
    }

    /// Why the form was refused the last time; nothing before, and after a success.
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
        self.kept
            .with_value(|kept| kept.iter().find(|(name, _)| name == field).map(|(_, value)| value.clone()))
            .unwrap_or(otherwise)
    }

    /// As [`Form::kept`], of boxes: those that were ticked. None was where the field was kept without a value.
    pub fn all_kept(&self, field: &str, otherwise: Vec<String>) -> Vec<String> {
        self.kept.with_value(|kept| {
            let mine: Vec<&String> = kept.iter().filter(|(name, _)| name == field).map(|(_, value)| value).collect();
            // Nothing kept of a field says nothing of it: to draw its boxes empty would change what is set.
            if mine.is_empty() {
                return otherwise;
            }
            mine.into_iter().filter(|value| !value.is_empty()).cloned().collect()
        })
    }

    /// Whether the form is being sent now.
    pub fn pending(&self) -> bool {
        self.pending.get()
    }
}

/// The refusal that came with this page, if it is this form's. It is handed out once: whoever comes back later starts
/// afresh.
fn arrived(form: &str) -> (Option<Problem>, Vec<(String, String)>) {
    let mine = use_context::<Arrival>().and_then(|a| {
        let is_mine = a.refusal.with_value(|r| r.as_ref().is_some_and(|r| r.form == form));
        if is_mine { a.refusal.try_update_value(Option::take).flatten() } else { None }
    });
    mine.map_or((None, Vec::new()), |r| (Some(r.problem), r.kept))
}

/// The button that sends the form. While it is being sent the button says so and is not pressed twice.
#[component]
pub fn SubmitButton(
    form: Form,
    #[prop(into)] label: String,
    #[prop(default = "button primary")] class: &'static str,
) -> impl IntoView {
    let label = StoredValue::new(label);
    view! {
        <button class=class type="submit" aria-disabled=move || form.pending().then_some("true")>
            {move || form.pending().then(super::icon::spinner)}
            {move || label.get_value()}
        </button>
    }
}

/// The form itself: sent by the console's own code when it is alive, by the browser when not.
pub fn post(form: Form, fields: impl IntoAny) -> AnyView {
    let fields = fields.into_any();
    view! { <form method="post" action=form.path on:submit=move |event| send(form, &event)>{fields}</form> }.into_any()
}

fn send(form: Form, event: &SubmitEvent) {
    event.prevent_default();
    let Some(fields) = fields(event).filter(|_| !form.pending.get_untracked()) else { return };
    form.pending.set(true);
    leptos::task::spawn_local(async move {
        let answer = call(form.path, &fields).await;
        // The form is gone if the user has navigated away.
        form.pending.try_set(false);
        match answer {
            Ok(reply) => {
                form.problem.try_set(None);
                if let Some(to) = reply.onward {
                    call_redirect_hook(&to);
                }
                form.changes.and_then(|changes| changes.0.try_update(|n| *n += 1));
            }
            Err(error) => {
                form.problem.try_set(Some(*error.0));
                form.refusals.try_update(|n| *n += 1);
            }
        }
    });
}

/// As the browser would have sent them.
fn fields(event: &SubmitEvent) -> Option<JsValue> {
    let form = event.target()?.dyn_into::<HtmlFormElement>().ok()?;
    let fields = FormData::new_with_form(&form).ok()?;
    Some(UrlSearchParams::new_with_str_sequence_sequence(&fields).ok()?.into())
}
