//! The words for the browser's tab. They are in the head of the document, which is written after its page.

use leptos::prelude::*;

/// The last words that were said count.
#[derive(Clone, Copy)]
struct Tab(StoredValue<String>);

/// A tab without words yet, for the page that is about to be drawn.
pub fn provide_tab() {
    provide_context(Tab(StoredValue::new(String::new())));
}

/// Names the tab; of a longer text its first 200 letters.
pub fn name_tab(words: &str) {
    if let Some(Tab(tab)) = use_context::<Tab>() {
        tab.set_value(words.chars().take(200).collect());
    }
}

/// What it is called; empty where no page has named it.
pub fn tab_words() -> String {
    use_context::<Tab>().map(|Tab(tab)| tab.get_value()).unwrap_or_default()
}
