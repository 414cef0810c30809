//! The real router on a real port; what it is, see `support/site.rs`.

mod access;
mod configuration;
mod http;
mod rest_api;
mod sign_in;
