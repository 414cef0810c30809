//! What a container prints, line by line.

use chrono::{DateTime, Utc};

/// The longest line in bytes. What is longer is cut there.
pub const LONGEST_LINE: usize = 16 * 1024;

/// Where in a container's log to begin. Both together: of the last lines those since then. Neither: at its beginning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogsFrom {
    /// So many at most of those already printed.
    pub last_lines: Option<usize>,
    /// This moment is included, so whoever resumes after a line gets that line again.
    pub since: Option<DateTime<Utc>>,
}

/// A line a container printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// By the clock of the engine's host. `None` when the engine did not say.
    pub at: Option<DateTime<Utc>>,
    pub stream: LogSource,
    /// Without its end; at most [`LONGEST_LINE`] bytes. Bytes that are no text are replaced. May hold control
    /// characters.
    pub line: String,
}

/// To which of its two outputs a process wrote. A container with a terminal has one only, which counts as `Stdout`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogSource {
    Stdout,
    Stderr,
}
