//! The head of a running job: present step, bar, then always in this order: percent, done of all, rate, time left.

use domain::job::{JobView, Progress};
use domain::text::{count, duration, file_size};
use leptos::prelude::*;

/// The card with the bar; before the first step it says that the job waits.
pub fn job_progress(job: &JobView) -> AnyView {
    let present = job.step_number();
    let title = present.map_or_else(|| "Waiting to begin".to_string(), |(n, _)| job.steps[n - 1].title.clone());
    let number = present.map(|(n, all)| format!("step {n} of {all}"));
    let here = job.progress.as_ref().filter(|p| present.is_some_and(|(n, _)| job.steps[n - 1].name == p.step));
    let percent = here.and_then(Progress::percent).map(|p| p.to_string());
    let words = percent.as_ref().map(|p| format!("{p}\u{202f}%"));
    view! {
        <section class="card" aria-labelledby="progress">
            <div class="body running" aria-live="polite">
                <div class="row apart"><h2 id="progress">{title}</h2><span class="num quiet-text">{number}</span></div>
                <progress class="progress" value=percent max="100" aria-labelledby="progress">{words.clone()}</progress>
                <p class="numbers">{words.map(|w| view! { <b>{w}</b> })}{numbers(here).into_iter().map(|n| view! { <span>{n}</span> }).collect::<Vec<_>>()}</p>
            </div>
        </section>
    }
    .into_any()
}

/// Done of all, rate, time left, as far as known.
pub fn numbers(progress: Option<&Progress>) -> Vec<String> {
    let Some(p) = progress else { return Vec::new() };
    let size = |n: u64| if p.bytes { file_size(n) } else { count(n) };
    let mut out = Vec::new();
    if p.total > 0 {
        out.push(format!("{} of {}", size(p.done), size(p.total)));
    } else if p.done > 0 {
        out.push(format!("{} so far", size(p.done)));
    }
    if p.rate > 0 {
        out.push(format!("{}/s", size(p.rate)));
    }
    if let Some(seconds) = p.seconds_left() {
        out.push(format!("{} left", duration(seconds)));
    }
    if !p.text.is_empty() {
        out.push(p.text.clone());
    }
    out
}
