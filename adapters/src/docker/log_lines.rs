//! From the bytes of a container's log to lines. Keeps no more than one line and one piece of the answer, however long
//! a line or an answer is. Source: Docker Engine API, attach ("Stream format").
//!
//! Without a terminal the answer is frames: one byte for the output, three zeros, the length in four, and as much
//! content. A frame is what the engine keeps as one message: its time, a blank, and a line, or a part of one where a
//! line has more than 16 KiB. With a terminal the messages follow each other without frames.

use chrono::{DateTime, Utc};
use ports::{LONGEST_LINE, LogLine, LogSource};
use std::collections::VecDeque;

const HEADER: usize = 8;
/// The first byte of a frame.
const STDOUT: u8 = 1;
const STDERR: u8 = 2;
/// The same when the engine itself reports why it cannot go on.
const ENGINE_ERROR: u8 = 3;
/// A message with its time.
const LONGEST_MESSAGE: usize = LONGEST_LINE + 64;

pub struct LogLines {
    terminal: bool,
    header: Vec<u8>,
    /// Bytes of the frame that are still to come.
    left: usize,
    /// Of one frame or, with a terminal, of one line; without what is too much.
    message: Vec<u8>,
    last: u8,
    /// Of standard output and standard error: the line that has not ended.
    open: [Option<Open>; 2],
    ready: VecDeque<Result<LogLine, String>>,
}

#[derive(Default)]
struct Open {
    at: Option<DateTime<Utc>>,
    text: Vec<u8>,
}

impl LogLines {
    pub fn new(terminal: bool) -> Self {
        Self { terminal, header: vec![], left: 0, message: vec![], last: 0, open: [None, None], ready: VecDeque::new() }
    }

    /// The next whole line, or why the engine cannot go on.
    pub fn next(&mut self) -> Option<Result<LogLine, String>> {
        self.ready.pop_front()
    }

    pub fn take(&mut self, mut piece: &[u8]) {
        while !piece.is_empty() {
            let taken = if self.terminal { self.take_line(piece) } else { self.take_frame(piece) };
            piece = &piece[taken..];
        }
    }

    /// The log has ended: what is left counts as a line.
    pub fn end(&mut self) {
        if !self.message.is_empty() {
            self.message_ended(self.header.first().copied().unwrap_or(STDOUT));
        }
        for source in [LogSource::Stdout, LogSource::Stderr] {
            self.line_ended(source);
        }
    }

    /// How many bytes it took.
    fn take_line(&mut self, piece: &[u8]) -> usize {
        let end = piece.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
        let taken = end.unwrap_or(piece.len());
        self.keep(&piece[..taken]);
        if end.is_some() {
            self.message_ended(STDOUT);
        }
        taken
    }

    /// How many bytes it took.
    fn take_frame(&mut self, piece: &[u8]) -> usize {
        if self.header.len() < HEADER {
            let taken = piece.len().min(HEADER - self.header.len());
            self.header.extend_from_slice(&piece[..taken]);
            if let [_, _, _, _, a, b, c, d] = self.header[..] {
                self.left = u32::from_be_bytes([a, b, c, d]) as usize;
                self.frame_may_have_ended();
            }
            return taken;
        }
        let taken = piece.len().min(self.left);
        self.keep(&piece[..taken]);
        self.left -= taken;
        self.frame_may_have_ended();
        taken
    }

    fn frame_may_have_ended(&mut self) {
        if self.left == 0 {
            let kind = self.header[0];
            self.header.clear();
            self.message_ended(kind);
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = LONGEST_MESSAGE.saturating_sub(self.message.len());
        self.message.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.last = bytes.last().copied().unwrap_or(self.last);
    }

    fn message_ended(&mut self, kind: u8) {
        let mut message = std::mem::take(&mut self.message);
        if kind == ENGINE_ERROR {
            self.ready.push_back(Err(text(message)));
            return;
        }
        if self.last == b'\n' && message.last().is_some_and(|byte| *byte != b'\n') {
            message.push(b'\n');
        }
        let source = if kind == STDERR { LogSource::Stderr } else { LogSource::Stdout };
        let (at, content) = split_time(&message);
        for part in content.split_inclusive(|byte| *byte == b'\n') {
            let (part, whole) = part.strip_suffix(b"\n").map_or((part, false), |line| (line, true));
            // The parts of a long line have their own times; the line has that of its first.
            let open = self.open[source as usize].get_or_insert_with(|| Open { at, text: vec![] });
            let room = LONGEST_LINE.saturating_sub(open.text.len());
            open.text.extend_from_slice(&part[..part.len().min(room)]);
            if whole {
                self.line_ended(source);
            }
        }
    }

    fn line_ended(&mut self, source: LogSource) {
        if let Some(Open { at, text: bytes }) = self.open[source as usize].take() {
            self.ready.push_back(Ok(LogLine { at, stream: source, line: text(bytes) }));
        }
    }
}

/// The time a message begins with, and the rest.
fn split_time(message: &[u8]) -> (Option<DateTime<Utc>>, &[u8]) {
    let blank = message.iter().take(40).position(|byte| *byte == b' ');
    let time = blank.and_then(|at| std::str::from_utf8(&message[..at]).ok());
    let time = time.and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    match (time, blank) {
        (Some(time), Some(at)) => (Some(time.to_utc()), &message[at + 1..]),
        (None, _) | (_, None) => (None, message),
    }
}

/// Without the carriage return of a terminal and without half a character at the end.
fn text(mut bytes: Vec<u8>) -> String {
    while bytes.last().is_some_and(|byte| b"\r\n".contains(byte)) {
        bytes.pop();
    }
    if let Err(error) = std::str::from_utf8(&bytes)
        && error.error_len().is_none()
    {
        bytes.truncate(error.valid_up_to());
    }
    let mut text = String::from_utf8_lossy(&bytes).into_owned();
    // What replaces a bad byte is longer than it.
    text.truncate(text.floor_char_boundary(LONGEST_LINE));
    text
}

#[cfg(test)]
#[path = "log_lines_tests.rs"]
mod tests;
