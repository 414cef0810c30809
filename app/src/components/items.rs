//! One list for findings, gates and plain points: mark, bold sentence, why, what to do.

use super::icon::{icon, tone_icon};
use domain::finding::Finding;
use domain::gate::Gate;
use domain::text::Tone;
use leptos::prelude::*;

/// Worst first, as they come; `action` is the way to the page that helps, when there is one.
pub fn findings(list: &[Finding], action: impl Fn(&Finding) -> Option<AnyView>) -> AnyView {
    let rows: Vec<_> = list
        .iter()
        .map(|f| {
            let mark = if f.tone == Tone::Info { icon("info") } else { tone_icon(f.tone) };
            view! { <li data-tone=f.tone.as_str()>{mark}<div><b>{f.what.clone()}</b><p>{f.why.clone()}</p></div>{action(f)}</li> }
        })
        .collect();
    view! { <ul class="items">{rows}</ul> }.into_any()
}

/// The checks of a restore with their verdicts, in the order they come.
pub fn gates(list: &[Gate]) -> AnyView {
    let rows: Vec<_> = list
        .iter()
        .map(|g| {
            let word = match g.tone {
                Tone::Good => "Passed",
                Tone::Bad => "Stops the restore",
                Tone::Warn | Tone::Info | Tone::Idle => "Know this",
            };
            view! {
                <li data-tone=g.tone.as_str()>{tone_icon(g.tone)}<div><b>{g.name.clone()}</b><p>{g.says.clone()}</p></div><span class="status">{word}</span></li>
            }
        })
        .collect();
    view! { <ul class="items">{rows}</ul> }.into_any()
}

/// A point of a plain list: icon, what is so, what that means.
pub struct Point(pub &'static str, pub String, pub String);

/// A list of points; `small` for the one beside a form.
pub fn points(list: Vec<Point>, small: bool) -> AnyView {
    let rows: Vec<_> = list
        .into_iter()
        .map(|Point(mark, what, means)| {
            let what = (!what.is_empty()).then(|| view! { <b>{what}</b>" " });
            view! { <li>{icon(mark)}<span>{what}{means}</span></li> }
        })
        .collect();
    view! { <ul class=if small { "items bare small" } else { "items bare" }>{rows}</ul> }.into_any()
}
