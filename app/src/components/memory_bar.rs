//! Memory as one bar: system, heap, page cache, free, on the scale of the container's limit. Red is what does not fit.

use domain::memory::Memory;
use domain::text::memory_size;
use leptos::prelude::*;

/// A part of the bar: class, name, bytes.
type Part = (&'static str, &'static str, u64);

/// The bar with its legend. Without a limit the parts are the whole.
pub fn memory_bar(memory: &Memory) -> AnyView {
    let list = parts(memory);
    let whole = list.iter().map(|p| p.2).sum::<u64>();
    if whole == 0 {
        return view! { <p class="quiet-text">"Not set: Neo4j decides by itself at each start, from what it sees of the machine."</p> }.into_any();
    }
    let mut x = 0.0;
    let rects: Vec<_> = list
        .iter()
        .map(|(class, _, bytes)| {
            let width = *bytes as f64 * 100.0 / whole as f64;
            let at = x;
            x += width;
            let gap = (at > 0.0).then(|| view! { <rect class="gap" x=percent(at) width="2" height="100%"></rect> });
            view! { <rect class=*class x=percent(at) width=percent(width) height="100%"></rect>{gap} }
        })
        .collect();
    let legend: Vec<_> = list
        .iter()
        .map(|(class, name, bytes)| view! { <li class=*class>{*name}" "<b>{memory_size(*bytes)}</b></li> })
        .collect();
    let label =
        list.iter().map(|(_, name, bytes)| format!("{name} {}", memory_size(*bytes))).collect::<Vec<_>>().join(", ");
    view! { <svg class="bar" role="img" aria-label=label>{rects}</svg><ul class="legend">{legend}</ul> }.into_any()
}

fn percent(value: f64) -> String {
    format!("{value:.2}%")
}

/// What is set, against the limit. What neither takes is left to the system and the JVM's own needs.
fn parts(memory: &Memory) -> Vec<Part> {
    let (heap, cache) = (memory.heap.unwrap_or(0), memory.page_cache.unwrap_or(0));
    let mut out: Vec<Part> = vec![("d1", "Heap", heap), ("d2", "Page cache", cache)];
    match memory.limit {
        Some(limit) if heap + cache > limit => out.push(("over", "Over the limit", heap + cache - limit)),
        Some(limit) => out.push(("free", "Left for the system", limit - heap - cache)),
        None => {}
    }
    out.retain(|p| p.2 > 0);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_said_and_nothing_is_divided_by_zero() {
        let memory = |heap, page_cache, limit| Memory { heap, page_cache, limit };
        assert_eq!(parts(&memory(Some(3), Some(2), Some(4)))[2], ("over", "Over the limit", 1));
        assert_eq!(parts(&memory(Some(1), Some(1), Some(4)))[2], ("free", "Left for the system", 2));
        assert!(parts(&Memory::default()).is_empty());
    }
}
