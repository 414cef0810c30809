//! How large the body of a request may be.

/// Forms and API calls are small; uploads have a route of their own, without a limit of size.
pub const BODY: usize = 256 * 1024;

/// What to do about a larger one: only [`BODY`] is answered with 413.
pub fn send_less() -> String {
    format!("Send at most {} KiB.", BODY / 1024)
}
