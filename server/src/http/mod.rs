//! What stands between a connection and a page or an API call: sessions, guards, headers, limits.

pub mod access_log;
pub mod address;
pub mod download;
pub mod errors;
pub mod guard;
pub mod headers;
pub mod health;
pub mod limits;
pub mod package;
pub mod problem;
pub mod session;
pub mod session_store;
pub mod size;
pub mod static_files;
pub mod upload;
pub mod visitor;
