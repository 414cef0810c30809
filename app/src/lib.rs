//! What people see: the document, the pages and their addresses. Drawn on the server only; what lives in the browser is
//! in the crate `islands`.

// A new variant must be thought of wherever its enum is matched.
#![deny(clippy::wildcard_enum_match_arm)]

pub mod address;
pub mod api;
pub mod components;
pub mod document;
pub mod pages;
pub mod problem;
pub mod routes;
pub mod visitor;

use leptos::prelude::AnyView;

pub use problem::ApiError;

/// What a page comes to: its content, or the problem that stands in its place.
pub type Drawn = Result<AnyView, ApiError>;
