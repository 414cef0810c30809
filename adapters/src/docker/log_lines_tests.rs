use super::*;

const AT: &str = "2026-01-02T03:04:05.000000006Z";

fn frame(kind: u8, content: &str) -> Vec<u8> {
    let length = u32::try_from(content.len()).expect("short");
    [&[kind, 0, 0, 0], length.to_be_bytes().as_slice(), content.as_bytes()].concat()
}

/// In pieces of this size.
fn lines(terminal: bool, bytes: &[u8], size: usize) -> Vec<Result<LogLine, String>> {
    let mut lines = LogLines::new(terminal);
    for piece in bytes.chunks(size) {
        lines.take(piece);
    }
    lines.end();
    std::iter::from_fn(|| lines.next()).collect()
}

fn line(stream: LogSource, line: &str) -> Result<LogLine, String> {
    Ok(LogLine { at: DateTime::parse_from_rfc3339(AT).ok().map(|at| at.to_utc()), stream, line: line.into() })
}

#[test]
fn lines_are_the_same_however_the_answer_is_cut_into_pieces() {
    let bytes = [
        frame(1, &format!("{AT} one\n")),
        frame(2, &format!("{AT} two\n")),
        frame(1, &format!("{AT} \n")),
        frame(1, ""),
        frame(1, &format!("{AT} thr")),
        frame(2, &format!("{AT} between\n")),
        frame(1, &format!("{AT} ee\r\n")),
        frame(1, &format!("{AT} grün")),
    ]
    .concat();
    let expected = [
        line(LogSource::Stdout, "one"),
        line(LogSource::Stderr, "two"),
        line(LogSource::Stdout, ""),
        line(LogSource::Stderr, "between"),
        line(LogSource::Stdout, "three"),
        line(LogSource::Stdout, "grün"),
    ];
    for size in [1, 2, 3, 7, 50, 1000] {
        assert_eq!(lines(false, &bytes, size), expected, "in pieces of {size}");
    }
}

#[test]
fn a_terminal_has_no_frames() {
    let bytes = format!("{AT} one\r\n{AT} \u{1b}[31mtwo\u{1b}[0m\r\nno time\n{AT} three");
    for size in [1, 5, 1000] {
        let seen = lines(true, bytes.as_bytes(), size);
        assert_eq!(seen[..2], [line(LogSource::Stdout, "one"), line(LogSource::Stdout, "\u{1b}[31mtwo\u{1b}[0m")]);
        let untimed = LogLine { at: None, stream: LogSource::Stdout, line: "no time".into() };
        assert_eq!(seen[2..], [Ok(untimed), line(LogSource::Stdout, "three")]);
    }
}

#[test]
fn a_line_without_an_end_takes_no_memory_and_is_cut() {
    for terminal in [true, false] {
        let mut seen = LogLines::new(terminal);
        let part = format!("{AT} {}", "ü".repeat(LONGEST_LINE / 2));
        for _ in 0..1000 {
            seen.take(&if terminal { part.clone().into_bytes() } else { frame(1, &part) });
            assert!(seen.ready.is_empty());
            assert!(
                seen.message.capacity() + seen.open[0].as_ref().map_or(0, |o| o.text.capacity()) < 8 * LONGEST_LINE
            );
        }
        seen.take(&if terminal { b"\nnext\n".to_vec() } else { [frame(1, "\n"), frame(1, "next\n")].concat() });
        assert_eq!(seen.next(), Some(line(LogSource::Stdout, &"ü".repeat(LONGEST_LINE / 2))));
        assert_eq!(seen.next().expect("a line").expect("text").line, "next");
    }
}

#[test]
fn one_message_may_be_many_lines_or_too_long_or_no_text() {
    let seen = lines(false, &frame(1, &format!("{AT} a\nb\n")), 1000);
    assert_eq!(seen, [line(LogSource::Stdout, "a"), line(LogSource::Stdout, "b")]);
    let long = format!("{AT} {}\n", "x".repeat(3 * LONGEST_LINE));
    let seen = lines(false, &[frame(1, &long), frame(1, "y\n")].concat(), 1000);
    assert_eq!(seen[0], line(LogSource::Stdout, &"x".repeat(LONGEST_LINE)));
    assert_eq!(seen.len(), 2, "its end was seen, though it was dropped");
    let mut bad = frame(1, &"?".repeat(LONGEST_LINE));
    bad[8..].fill(0xff);
    let seen = lines(false, &bad, 1000)[0].clone().expect("a line").line;
    assert!(seen.len() <= LONGEST_LINE && seen.starts_with('\u{fffd}'));
}

#[test]
fn what_the_engine_itself_reports_is_an_error() {
    let bytes = [frame(1, &format!("{AT} one\n")), frame(3, "Error grabbing logs: unexpected EOF\n")].concat();
    let error = Err("Error grabbing logs: unexpected EOF".into());
    assert_eq!(lines(false, &bytes, 1000), [line(LogSource::Stdout, "one"), error]);
}
