//! What lives in the browser, and nothing else: each file is one island. Pages are drawn by `app`, on the server only;
//! they work without any of these. An island has no props where the page's own HTML says enough: props bring JSON
//! reading and writing into the wasm.

// A new variant must be thought of wherever its enum is matched.
#![deny(clippy::wildcard_enum_match_arm)]

mod behaviour;
mod copyable;
mod elements;
mod live;
mod local_times;
mod menus;
mod morph;
mod search;
mod send_once;
mod upload;

pub use behaviour::Behaviour;
pub use copyable::Copyable;
pub use live::HEADER as LIVE_HEADER;
pub use search::SearchAsTyped;
pub use upload::UploadProgress;
