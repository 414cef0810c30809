//! The browser's half: brings the islands of a page to life.

// Linked for its exports, one an island.
use islands as _;

/// Called by the page once its wasm is loaded (leptos' `HydrationScripts`).
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
