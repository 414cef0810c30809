//! Times as people read them, with the whole time behind. Ages are counted from the server's clock, never from the
//! browser's.

use chrono::{DateTime, Utc};
use domain::text::{ago, clock, full_time};
use leptos::prelude::*;

/// `6 h ago`.
pub fn when(at: DateTime<Utc>, now: DateTime<Utc>) -> AnyView {
    shown(at, ago(at, now), None)
}

/// `Mon 23 Nov 2026, 03:02 UTC`.
pub fn when_exactly(at: DateTime<Utc>) -> AnyView {
    shown(at, full_time(at), Some("full"))
}

/// `09:37:02`, for logs and running jobs.
pub fn at_clock(at: DateTime<Utc>) -> AnyView {
    shown(at, clock(at), Some("clock"))
}

/// `shows`: which words the browser may put into the viewer's own zone (`islands/src/local_times.rs`).
fn shown(at: DateTime<Utc>, words: String, shows: Option<&'static str>) -> AnyView {
    view! { <time datetime=at.format("%Y-%m-%dT%H:%M:%SZ").to_string() title=full_time(at) data-shows=shows>{words}</time> }.into_any()
}
