//! A job's log: clock times grey, warnings and errors tinted.

use domain::job::LogLine;
use domain::text::{Tone, clock};
use leptos::prelude::*;

/// Only the end of a long log is drawn.
const LINES: usize = 2_000;

/// The last 2,000 lines of a log.
pub fn log(lines: &[LogLine]) -> AnyView {
    let from = lines.len().saturating_sub(LINES);
    let rows: Vec<_> = lines[from..].iter().map(line).collect();
    view! { <pre class="log" tabindex="0" role="log" aria-live="off" aria-label="Log, lines">{rows}</pre> }.into_any()
}

fn line(line: &LogLine) -> AnyView {
    let tone = line.tone.filter(|t| matches!(t, Tone::Warn | Tone::Bad)).map(Tone::as_str);
    view! { <span data-tone=tone><i>{clock(line.at)}</i>{format!("  {}", line.text)}</span>"\n" }.into_any()
}
