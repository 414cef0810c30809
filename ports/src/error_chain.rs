//! An error as the log has it.

/// An error and all its causes in one line.
pub fn error_chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut out = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        out += ": ";
        out += &cause.to_string();
        next = cause.source();
    }
    out
}
