//! A form's life: sent by the browser, and gone on to the next page or refused with reasons. A refusal comes back once,
//! with the page the form stands on ([`crate::visitor::Refusal`]).

use crate::problem::ApiError;
use crate::visitor::Arrival;
use domain::Problem;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// What fields and notices of one form look at. Copy, so that every part may have it.
#[derive(Clone, Copy)]
pub struct Form {
    path: &'static str,
    problem: StoredValue<Option<Problem>>,
    values: StoredValue<Vec<(String, String)>>,
}

impl Form {
    /// The form of a server function, with its refusal if one came with this page.
    pub fn of<S: ServerFn<Output = (), Error = ApiError>>() -> Self {
        let (problem, values) = arrived(S::PATH);
        Self { path: S::PATH, problem: StoredValue::new(problem), values: StoredValue::new(values) }
    }

    /// Why the form was refused; nothing where it was not.
    pub fn problem(&self) -> Option<Problem> {
        self.problem.get_value()
    }

    /// Why this field was refused.
    pub fn error(&self, field: &str) -> Option<String> {
        self.problem.with_value(|p| p.as_ref().and_then(|p| p.field(field)).map(ToString::to_string))
    }

    /// For `aria-invalid`.
    pub fn invalid(&self, field: &str) -> Option<&'static str> {
        self.error(field).map(|_| "true")
    }

    /// Whether this field is the first that was refused: there one goes on typing.
    pub fn is_first_error(&self, field: &str) -> bool {
        self.problem.with_value(|p| p.as_ref().and_then(|p| p.fields.first()).is_some_and(|f| f.field == field))
    }

    /// What had been typed before, else `otherwise`.
    pub fn value_or(&self, field: &str, otherwise: String) -> String {
        self.values
            .with_value(|values| values.iter().find(|(name, _)| name == field).map(|(_, value)| value.clone()))
            .unwrap_or(otherwise)
    }

    /// As [`Form::value_or`], of boxes: those that were ticked. None was where the field was kept without a value.
    pub fn values_or(&self, field: &str, otherwise: Vec<String>) -> Vec<String> {
        self.values.with_value(|values| {
            let mine: Vec<&String> = values.iter().filter(|(name, _)| name == field).map(|(_, value)| value).collect();
            // Nothing kept of a field says nothing of it: to draw its boxes empty would change what is set.
            if mine.is_empty() {
                return otherwise;
            }
            mine.into_iter().filter(|value| !value.is_empty()).cloned().collect()
        })
    }
}

/// The refusal that came with this page, if it is this form's. It is handed out once: whoever comes back later starts
/// afresh.
fn arrived(form: &str) -> (Option<Problem>, Vec<(String, String)>) {
    let mine = use_context::<Arrival>().and_then(|a| {
        let is_mine = a.refusal.with_value(|r| r.as_ref().is_some_and(|r| r.form == form));
        if is_mine { a.refusal.try_update_value(Option::take).flatten() } else { None }
    });
    mine.map_or((None, Vec::new()), |r| (Some(r.problem), r.values))
}

/// The button that sends the form. While it is being sent the button says so and is not pressed twice
/// (`islands/src/send_once.rs`).
#[component]
pub fn SubmitButton(
    #[prop(into)] label: String,
    #[prop(default = "button primary")] class: &'static str,
) -> impl IntoView {
    view! { <button class=class type="submit">{super::icon::spinner()}{label}</button> }
}

/// The form itself.
pub fn post(form: Form, fields: impl IntoAny) -> AnyView {
    view! { <form method="post" action=form.path>{fields.into_any()}</form> }.into_any()
}
