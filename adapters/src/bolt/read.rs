//! How much of a call was read. Statements are the console's own, but who answers may be a server that somebody has
//! taken over; without an end it could send rows until the console's memory is full. A single row is not bounded here:
//! the driver reads it whole.

use ports::{GraphError, Row};
use serde_json::Value;

/// Rows of one call. The longest list that is asked for, of labels and types with their counts, has tens of thousands.
const MAX_ROWS: usize = 100_000;
const MAX_BYTES: usize = 64 << 20;
/// A value's own, beside its text.
const VALUE_BYTES: usize = size_of::<Value>();

#[derive(Default)]
pub(super) struct Read {
    rows: usize,
    bytes: usize,
}

impl Read {
    /// # Errors
    /// When this is one too many.
    pub fn another(&mut self, row: &Row) -> Result<(), GraphError> {
        self.rows += 1;
        self.bytes += row.iter().map(|(key, value)| key.len() + bytes(value)).sum::<usize>();
        if self.rows > MAX_ROWS || self.bytes > MAX_BYTES { Err(GraphError::TooMuch) } else { Ok(()) }
    }
}

/// About what it takes in memory.
fn bytes(value: &Value) -> usize {
    VALUE_BYTES
        + match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => 0,
            Value::String(text) => text.len(),
            Value::Array(list) => list.iter().map(bytes).sum(),
            Value::Object(map) => map.iter().map(|(key, value)| key.len() + bytes(value)).sum(),
        }
}
