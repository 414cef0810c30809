//! Where log lines go: standard error, one sentence with its fields a line.

use tracing_subscriber::EnvFilter;

/// What a person asked for. `None` when the text is no filter.
pub fn filter(text: &str) -> Option<EnvFilter> {
    // An expired cookie is everyday life; the session crate calls it suspicious on each request.
    let quiet = "tower_sessions=error,tower_sessions_core=error,sqlx=warn";
    EnvFilter::try_new(text).ok()?;
    EnvFilter::try_new(format!("{quiet},{text}")).ok()
}

/// Switches logging on for the process. A second call changes nothing.
pub fn start(text: &str) {
    if let Some(filter) = filter(text) {
        let _ =
            tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(true).try_init();
    }
}
