//! The frame of a table and the way through its pages. Rows are drawn by the page; links carry the state, so it works
//! as it is.

use domain::page::Page;
use leptos::prelude::*;

/// `heads`: the word and a class (`number`, `spare`); an empty word is the column of buttons.
pub fn table(heads: &[(&'static str, &'static str)], rows: Vec<AnyView>) -> AnyView {
    let heads: Vec<_> = heads
        .iter()
        .map(|(word, class)| match *word {
            "" => view! { <th><span class="sr">"Actions"</span></th> }.into_any(),
            word => view! { <th scope="col" class=(!class.is_empty()).then_some(*class)>{word}</th> }.into_any(),
        })
        .collect();
    view! { <div class="table"><table class="folds"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div> }
        .into_any()
}

/// One cell; `label` names it where the table folds.
pub fn cell(label: &'static str, class: &'static str, value: impl IntoAny) -> AnyView {
    view! { <td data-label=label class=(!class.is_empty()).then_some(class)>{value.into_any()}</td> }.into_any()
}

/// `1–50 of 2,310 backups`, previous and next. `address` takes the page's number.
pub fn pager<T>(page: &Page<T>, what: &'static str, address: impl Fn(u32) -> String) -> AnyView {
    let step = |to: Option<u32>, word: &'static str| match to {
        Some(n) => view! { <a class="button small" href=address(n)>{word}</a> }.into_any(),
        None => view! { <a class="button small" aria-disabled="true">{word}</a> }.into_any(),
    };
    let before = (page.page > 1).then(|| page.page - 1);
    let after = (page.page < page.pages()).then(|| page.page + 1);
    let ways = (page.pages() > 1).then(|| {
        view! { <nav class="pager end" aria-label="Pages">{step(before, "Newer")}<span>{format!("Page {} of {}", page.page, page.pages())}</span>{step(after, "Older")}</nav> }
    });
    view! { <footer><span>{format!("{} {what}", page.range())}</span>{ways}</footer> }.into_any()
}
