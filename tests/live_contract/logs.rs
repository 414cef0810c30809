//! A container's output, line by line, while it runs and after.

use super::LIMIT;
use super::by_hand::Script;
use crate::live_adapters::engine;
use domain::container::ContainerId;
use fakes::{FakeEngine, World, neo4j_container};
use futures::StreamExt;
use ports::{ContainerEngine, EngineError, LONGEST_LINE, LogLine, LogSource, LogStream, LogsFrom};
use tests::docker::docker;

/// The pause keeps the lines of two outputs in order.
const TALK: &str = "echo one; sleep 0.3; echo two >&2; trap 'exit 0' TERM; sleep 600 & wait";

async fn next(log: &mut LogStream) -> LogLine {
    let line = tokio::time::timeout(LIMIT, log.next()).await.expect("a line comes soon");
    line.expect("the log goes on").expect("a line")
}

async fn rest(log: LogStream) -> Vec<String> {
    let lines = log.map(|line| line.expect("a line").line).collect();
    tokio::time::timeout(LIMIT, lines).await.expect("the log ends with the container")
}

#[tokio::test]
async fn both_engines_follow_a_log() {
    let script = Script::start(TALK, &[]);
    let say = |line: &str| {
        docker().run(&["exec", &script.1, "bash", "-c", &format!("echo {line} > /proc/1/fd/1")]);
    };
    follow(&engine(), &script.0, say).await;
    let fake = FakeEngine(World::with_sales());
    fake.0.print("sales", "one\ntwo\n");
    follow(&fake, &neo4j_container("sales").id, |line| fake.0.print("sales", line)).await;
}

async fn follow(engine: &dyn ContainerEngine, id: &ContainerId, say: impl Fn(&str)) {
    let mut log = engine.follow_logs(id, LogsFrom::default()).await.expect("a log");
    let (one, two) = (next(&mut log).await, next(&mut log).await);
    assert_eq!((one.line.as_str(), two.line.as_str()), ("one", "two"));
    assert!(one.at.is_some() && one.at < two.at, "{one:?} {two:?}");
    say("three");
    let three = next(&mut log).await;
    assert_eq!((three.line.as_str(), three.stream), ("three", LogSource::Stdout), "while it runs");

    let last = LogsFrom { last_lines: Some(2), since: None };
    let mut last = engine.follow_logs(id, last).await.expect("a log");
    assert_eq!(next(&mut last).await, two, "so many lines at most");
    drop(last);
    let since = LogsFrom { last_lines: Some(100), since: three.at };
    let since = engine.follow_logs(id, since).await.expect("a log");
    let none = LogsFrom { last_lines: Some(0), since: None };
    let none = engine.follow_logs(id, none).await.expect("a log");

    engine.stop(id, LIMIT).await.expect("stopped");
    assert_eq!(rest(log).await, [""; 0], "it ends with the container");
    assert_eq!(rest(since).await, ["three"], "the moment itself is included");
    assert_eq!(rest(none).await, [""; 0]);
    let again = engine.follow_logs(id, LogsFrom::default()).await.expect("a log of a stopped container");
    assert_eq!(rest(again).await, ["one", "two", "three"]);
    let gone = ContainerId("test-never-was".into());
    assert!(matches!(engine.follow_logs(&gone, LogsFrom::default()).await, Err(EngineError::NotFound(_))));
}

#[tokio::test]
async fn a_real_log_tells_its_outputs_apart_and_cuts_a_long_line() {
    let long = "head -c 5000000 /dev/zero | tr '\\0' x; echo; echo after >&2";
    for (options, after) in [(&[][..], LogSource::Stderr), (&["--tty"], LogSource::Stdout)] {
        let script = Script::start(&format!("echo before; sleep 0.3; {long}"), options);
        let mut log = engine().follow_logs(&script.0, LogsFrom::default()).await.expect("a log");
        assert_eq!((next(&mut log).await.line.as_str(), options.len()), ("before", options.len()));
        let mut lines = [next(&mut log).await, next(&mut log).await];
        // The two outputs are two pipes: their order is not sure.
        lines.sort_by_key(|line| line.line.len());
        assert_eq!((lines[0].line.as_str(), lines[0].stream), ("after", after));
        assert_eq!((lines[1].line.len(), lines[1].stream), (LONGEST_LINE, LogSource::Stdout));
        assert!(lines[1].line.bytes().all(|byte| byte == b'x') && lines[1].at.is_some());
        assert_eq!(rest(log).await, [""; 0]);
    }
}
