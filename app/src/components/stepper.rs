//! The steps of the restore wizard: words, done ones are links back.

use super::icon::icon;
use leptos::prelude::*;

const WORDS: [&str; 5] = ["Choose", "Look inside", "Checks", "Confirm", "Restore"];

/// `present` counts from 1; `back` are the addresses of the steps before it.
pub fn restore_steps(present: usize, back: &[String]) -> AnyView {
    let list: Vec<_> = WORDS
        .iter()
        .enumerate()
        .map(|(i, word)| {
            let n = i + 1;
            match back.get(i).filter(|_| n < present) {
                Some(to) => {
                    view! { <li class="done"><a href=to.clone()><span class="n">{icon("check")}</span><span class="word">{*word}</span></a></li> }.into_any()
                }
                None => view! { <li aria-current=(n == present).then_some("step")><span class="n">{n}</span><span class="word">{*word}</span></li> }.into_any(),
            }
        })
        .collect();
    view! { <ol class="stepper" aria-label="Restore in 5 steps">{list}</ol> }.into_any()
}
