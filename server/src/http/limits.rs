//! What bounds a request: its time, a panic in it; and what lets a change go on when the browser is gone.

use super::errors::bare;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use std::any::Any;
use std::time::Duration;
use tower_http::timeout::TimeoutLayer;

/// Longest that a page or a call may take.
pub const TIME: Duration = Duration::from_secs(30);

/// Ends what takes longer.
pub fn timeout() -> TimeoutLayer {
    TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIME)
}

/// What a request that changes something does, it does to its end: dropped in the middle (the browser is gone, the time
/// ran out) it would leave an audit entry without an end and half a change.
pub async fn finish_changes(request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    match tokio::spawn(next.run(request)).await {
        Ok(response) => response,
        Err(error) if error.is_panic() => panicked(error.into_panic()),
        Err(error) => bare(ops::Error::internal(error).problem()),
    }
}

/// A bug: the cause goes to the log, the visitor gets its number.
#[expect(clippy::needless_pass_by_value, reason = "the shape CatchPanicLayer calls")]
pub fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    bare(ops::Error::internal(format!("a panic: {}", text.unwrap_or("without words"))).problem())
}
