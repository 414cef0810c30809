//! Several ways to share one total of memory, each as a bar on the same scale. The dark line is the total; red is what
//! lies past it.

use super::status::status;
use domain::memory::Fit;
use domain::text::{Tone, memory_size};
use leptos::prelude::*;

/// One way to share it: its name and bytes.
pub struct Shares {
    pub name: &'static str,
    pub heap: u64,
    pub page_cache: u64,
}

impl Shares {
    const fn set(&self) -> u64 {
        self.heap.saturating_add(self.page_cache)
    }
}

/// All of them, with what the system and the JVM need besides at this total.
pub fn memory_shares(total: u64, system: u64, list: &[Shares]) -> AnyView {
    let scale = list.iter().map(|one| one.set().saturating_add(system)).chain([total]).max().unwrap_or(1).max(1);
    let bars: Vec<_> = list.iter().map(|one| bar(one, total, system, scale)).collect();
    view! { <div class="bars scale">{bars}</div> }.into_any()
}

fn verdict(shares: &Shares, total: u64, system: u64) -> (Tone, String) {
    match Fit::of(shares.heap, shares.page_cache, total) {
        Fit::TooMuch => (Tone::Bad, "Does not fit".into()),
        Fit::Tight { percent } => (Tone::Warn, format!("{percent}\u{202f}% taken")),
        Fit::Fits if shares.set().saturating_add(system) > total => (Tone::Warn, "Little for the system".into()),
        Fit::Fits => (Tone::Good, "Fits".into()),
    }
}

fn bar(shares: &Shares, total: u64, system: u64, scale: u64) -> AnyView {
    let (tone, word) = verdict(shares, total, system);
    let parts =
        [("d3", "System and JVM", system), ("d1", "Heap", shares.heap), ("d2", "Page cache", shares.page_cache)];
    let all = system.saturating_add(shares.set());
    let mut at = 0;
    let mut rects = vec![];
    for (class, _, bytes) in parts {
        rects.push(view! { <rect class=class x=percent(at, scale) width=percent(bytes, scale) height="100%"></rect> });
        at += bytes;
    }
    let over = all.saturating_sub(total);
    let past = (over > 0)
        .then(|| view! { <rect class="over" x=percent(total, scale) width=percent(over, scale) height="100%"></rect> });
    let limit = percent(total, scale);
    let legend: Vec<_> = parts
        .into_iter()
        .chain((over > 0).then_some(("over", "Past the total", over)))
        .map(|(class, name, bytes)| view! { <li class=class>{name}" "<b>{memory_size(bytes)}</b></li> })
        .collect();
    let label = format!(
        "{}: system and JVM {}, heap {}, page cache {}, together {} of {}: {word}",
        shares.name,
        memory_size(system),
        memory_size(shares.heap),
        memory_size(shares.page_cache),
        memory_size(all),
        memory_size(total)
    );
    view! {
        <div>
            <div class="row apart"><h3>{shares.name}</h3>{status(tone, word)}</div>
            <svg class="bar" role="img" aria-label=label>{rects}{past}<line class="limit" x1=limit.clone() x2=limit y1="0" y2="100%"></line></svg>
            <ul class="legend">{legend}</ul>
        </div>
    }
    .into_any()
}

fn percent(bytes: u64, scale: u64) -> String {
    format!("{:.2}%", bytes as f64 * 100.0 / scale as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    fn verdict_of(heap: u64, page_cache: u64) -> String {
        verdict(&Shares { name: "Your values", heap: heap * GIB, page_cache: page_cache * GIB }, 16 * GIB, 4 * GIB).1
    }

    #[test]
    fn the_verdict_is_about_heap_and_page_cache_first_and_then_about_the_rest() {
        assert_eq!(verdict_of(5, 7), "Fits");
        assert_eq!(verdict_of(6, 7), "Little for the system");
        assert_eq!(verdict_of(8, 7), "93\u{202f}% taken");
        assert_eq!(verdict_of(8, 8), "Does not fit");
    }

    #[test]
    fn all_bars_have_one_scale_and_red_is_what_lies_past_the_total() {
        let owner = Owner::new();
        let html = owner.with(|| {
            let list = [
                Shares { name: "Running now", heap: 8 * GIB, page_cache: 8 * GIB },
                Shares { name: "Recommended", heap: 5 * GIB, page_cache: 7 * GIB },
            ];
            memory_shares(16 * GIB, 4 * GIB, &list).to_html()
        });
        assert_eq!(html.matches("x1=\"80.00%\"").count(), 2, "{html}");
        assert_eq!(html.matches("class=\"over\"").count(), 2, "a rectangle and a line of the legend: {html}");
    }
}
