//! What this is, why it is empty, the one thing to do.

use super::icon::icon;
use leptos::prelude::*;

/// `mark` is an icon's name; without an `action` there is nothing to do here.
pub fn empty(mark: &'static str, title: impl Into<String>, why: impl Into<String>, action: Option<AnyView>) -> AnyView {
    view! { <section class="card"><div class="empty">{icon(mark)}<h2>{title.into()}</h2><p>{why.into()}</p>{action}</div></section> }.into_any()
}
