//! A field: label above, control, error, help below, tied together.

use super::form::Form;
use super::icon::icon;
use super::text_area::{Escaped, TextArea};
use leptos::prelude::*;

/// How a field differs from a plain one-line text.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    Text,
    /// Never keeps what was typed.
    Password,
    NewPassword,
    UserName,
    /// Several lines.
    Long,
    /// Several lines of keys: no words to be checked.
    Keys,
    /// Several lines that are never kept.
    LongSecret,
    Number,
    /// Of the day.
    Time,
}

/// One field of a form with its label, help and error. Required unless `optional`.
#[component]
pub fn Field(
    form: Form,
    /// The form field's name; also makes the ids.
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(optional)] kind: Kind,
    #[prop(optional)] optional: bool,
    /// What it holds before anybody typed.
    #[prop(optional, into)]
    value: String,
    #[prop(optional, into)] help: String,
    #[prop(optional)] placeholder: &'static str,
) -> impl IntoView {
    let described = describe(form, name, !help.is_empty());
    let invalid = form.invalid(name);
    let kept = form.value_or(name, value);
    let control = match kind {
        Kind::Long | Kind::Keys | Kind::LongSecret => {
            let content = Escaped::of(if kind == Kind::LongSecret { "" } else { &kept });
            let (required, autofocus, unchecked) = (!optional, form.is_first_error(name), kind != Kind::Long);
            view! { <TextArea id=name.into() name content described invalid required autofocus unchecked/> }.into_any()
        }
        Kind::Text | Kind::Password | Kind::NewPassword | Kind::UserName | Kind::Number | Kind::Time => {
            let (input, complete) = match kind {
                Kind::Password => ("password", "current-password"),
                Kind::NewPassword => ("password", "new-password"),
                Kind::UserName => ("text", "username"),
                Kind::Number => ("number", "off"),
                Kind::Time => ("time", "off"),
                Kind::Text | Kind::Long | Kind::Keys | Kind::LongSecret => ("text", "off"),
            };
            let kept = if input == "password" { String::new() } else { kept };
            view! {
                <input class="input" id=name name=name type=input value=kept required=!optional autocomplete=complete placeholder=placeholder
                    autofocus=form.is_first_error(name) aria-describedby=described aria-invalid=invalid/>
            }
            .into_any()
        }
    };
    let mark = optional.then(|| view! { " " <span class="optional">"(optional)"</span> });
    view! { <div class="field"><label for=name>{label}{mark}</label>{control}<FieldError form name/>{help_text(name, help)}</div> }
}

/// Any number of a few, as boxes. Sent as `name[]`, each that is ticked.
#[component]
pub fn CheckboxGroup(
    form: Form,
    name: &'static str,
    #[prop(into)] label: String,
    options: Vec<Choice>,
    picked: Vec<String>,
) -> impl IntoView {
    let picked = form.values_or(name, picked);
    let boxes: Vec<_> = options
        .into_iter()
        .map(|o| {
            let checked = picked.contains(&o.value);
            view! {
                <label class="choice">
                    <input type="checkbox" name=format!("{name}[]") value=o.value checked=checked disabled=o.disabled/>
                    <b>{o.title}</b><span>{o.mark}</span><span class="help">{o.help}</span>
                </label>
            }
        })
        .collect();
    view! { <fieldset class="field"><legend class="label">{label}</legend><div class="choices">{boxes}</div><FieldError form name/></fieldset> }
}

/// Yes or no, sent as `on` or not at all.
#[component]
pub fn Checkbox(
    form: Form,
    name: &'static str,
    #[prop(into)] label: String,
    #[prop(into)] help: String,
    #[prop(optional)] ticked: bool,
) -> impl IntoView {
    let kept = form.values_or(name, if ticked { vec!["on".into()] } else { vec![] });
    let checked = kept.iter().any(|value| value == "on");
    view! {
        <div class="choices"><label class="choice"><input type="checkbox" name=name value="on" checked=checked/><b>{label}</b><span></span><span class="help">{help}</span></label></div>
    }
}

/// One of more than a handful. Options are value and words.
#[component]
pub fn Select(
    form: Form,
    name: &'static str,
    #[prop(into)] label: String,
    options: Vec<(String, String)>,
    #[prop(into)] picked: String,
    #[prop(optional, into)] help: String,
) -> impl IntoView {
    let picked = form.value_or(name, picked);
    let described = describe(form, name, !help.is_empty());
    let invalid = form.invalid(name);
    let options: Vec<_> = options
        .into_iter()
        .map(|(value, words)| view! { <option selected=value == picked value=value.clone()>{words}</option> })
        .collect();
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <select class="select" id=name name=name aria-describedby=described aria-invalid=invalid>{options}</select>
            <FieldError form name/>{help_text(name, help)}
        </div>
    }
}

/// The typed name on a confirm page. The button looks unready until it matches; the server decides.
#[component]
pub fn TypedName(form: Form, #[prop(into)] phrase: String) -> impl IntoView {
    let name = "confirm";
    let pattern = pattern(&phrase);
    let described = describe(form, name, false);
    let invalid = form.invalid(name);
    view! {
        <div class="field">
            <label for=name>"Type " <span class="phrase">{phrase}</span> " to confirm"</label>
            <input class="input medium mono must-match" id=name name=name required pattern=pattern value=form.value_or(name, String::new()) autocomplete="off"
                autocapitalize="none" spellcheck="false" autofocus=form.is_first_error(name) aria-describedby=described aria-invalid=invalid/>
            <FieldError form name/>
        </div>
    }
}

/// Why the field was refused; nothing while it was not.
#[component]
pub fn FieldError(form: Form, name: &'static str) -> impl IntoView {
    form.error(name)
        .map(|why| view! { <p class="error" id=format!("{name}-error")>{icon("circle-alert")}<span>{why}</span></p> })
}

/// One of a few, as boxes. `picked` is the value chosen at first.
#[component]
pub fn Choices(
    form: Form,
    name: &'static str,
    #[prop(into)] label: String,
    options: Vec<Choice>,
    #[prop(into)] picked: String,
) -> impl IntoView {
    let picked = form.value_or(name, picked);
    let boxes: Vec<_> = options
        .into_iter()
        .map(|o| {
            let checked = o.value == picked;
            view! {
                <label class="choice">
                    <input type="radio" name=name value=o.value checked=checked disabled=o.disabled required=true/>
                    <b>{o.title}</b><span>{o.mark}</span><span class="help">{o.help}</span>
                </label>
            }
        })
        .collect();
    view! { <fieldset class="field"><legend class="label">{label}</legend><div class="choices">{boxes}</div><FieldError form name/></fieldset> }
}

/// One option of [`Choices`] or [`CheckboxGroup`]: its value, title and help.
pub struct Choice {
    value: String,
    title: AnyView,
    help: String,
    mark: Option<AnyView>,
    disabled: bool,
}

/// An option that can be chosen, without a mark.
pub fn choice(value: impl Into<String>, title: impl IntoAny, help: impl Into<String>) -> Choice {
    Choice { value: value.into(), title: title.into_any(), help: help.into(), mark: None, disabled: false }
}

impl Choice {
    /// Puts something beside the title, usually a tag.
    #[must_use]
    pub fn mark(self, mark: AnyView) -> Self {
        Self { mark: Some(mark), ..self }
    }

    /// Stays visible; its help says why it cannot be chosen.
    #[must_use]
    pub fn disabled(self, disabled: bool) -> Self {
        Self { disabled, ..self }
    }
}

fn help_text(name: &'static str, help: String) -> Option<AnyView> {
    (!help.is_empty()).then(|| view! { <p class="help" id=format!("{name}-help")>{help}</p> }.into_any())
}

/// The ids that describe a field now.
fn describe(form: Form, name: &'static str, has_help: bool) -> Option<String> {
    match (form.error(name).is_some(), has_help) {
        (true, true) => Some(format!("{name}-help {name}-error")),
        (true, false) => Some(format!("{name}-error")),
        (false, true) => Some(format!("{name}-help")),
        (false, false) => None,
    }
}

/// A phrase as a regular expression that matches exactly it. Deployments' names hold only dots and dashes beside
/// letters.
fn pattern(phrase: &str) -> String {
    phrase
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c.to_string() } else { format!("\\{c}") })
        .collect()
}
