//! The picture of a confirm page: what it is now, what it will be.

use super::icon::icon;
use leptos::prelude::*;

/// Label, the thing itself, one line about it.
pub struct Side(pub &'static str, pub AnyView, pub String);

/// Both sides with an arrow between them.
pub fn swap(now: Side, then: Side) -> AnyView {
    view! { <div class="swap">{side(now)}{icon("arrow-right")}{side(then)}</div> }.into_any()
}

fn side(Side(label, what, about): Side) -> AnyView {
    view! { <div><span class="label">{label}</span><b>{what}</b><span class="help">{about}</span></div> }.into_any()
}
