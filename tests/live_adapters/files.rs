//! Files in volumes, through helpers that never ran.

use super::{IMAGE, Made, Volume, engine};
use adapters::docker::DockerEngine;
use bytes::Bytes;
use domain::helper::HelperCommand;
use futures::{StreamExt, TryStreamExt, stream};
use ports::{Bytestream, ContainerEngine, EngineError};
use std::time::Duration;
use tests::docker::docker;

const FILE: &str = "/staging/dumps/neo4j.dump";

/// Bytes that no compression or repetition makes look right by chance, in pieces of odd size.
fn content(bytes: u32) -> Vec<Bytes> {
    let all: Vec<u8> = (0..bytes).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    all.chunks(100_003).map(Bytes::copy_from_slice).collect()
}

fn pieces(of: Vec<Bytes>) -> Bytestream {
    stream::iter(of.into_iter().map(Ok)).boxed()
}

async fn hold(engine: &DockerEngine, volume: &Volume) -> Made {
    Made::new(engine, HelperCommand::Hold, &[(&volume.0, "/staging")]).await
}

async fn read(engine: &DockerEngine, made: &Made, path: &str) -> Result<Vec<u8>, EngineError> {
    let (facts, content) = engine.read_file(&made.id, path).await?;
    let all = content.try_fold(vec![], |mut all: Vec<u8>, piece| async move {
        all.extend_from_slice(&piece);
        Ok(all)
    });
    let all = all.await.expect("the whole content");
    assert_eq!(all.len() as u64, facts.bytes);
    Ok(all)
}

#[tokio::test]
async fn a_file_of_many_megabytes_goes_in_and_comes_out_of_a_volume_of_a_container_that_never_ran() {
    let engine = engine();
    let volume = Volume::ours(&engine).await;
    let made = hold(&engine, &volume).await;
    let sent = content(21_000_001);
    engine.write_file(&made.id, FILE, 21_000_001, pieces(sent.clone())).await.expect("written");
    assert!(read(&engine, &made, FILE).await.expect("read") == sent.concat(), "other bytes came back");

    let mount = format!("{}:/staging", volume.0);
    let seen = docker().run(&[
        "run",
        "--rm",
        "--network",
        "none",
        "-v",
        &mount,
        "--entrypoint",
        "stat",
        IMAGE,
        "-c",
        "%u:%g %a %s",
        "/staging/dumps",
        FILE,
    ]);
    let seen: Vec<&str> = seen.lines().collect();
    assert!(seen[0].starts_with("7474:7474 777 ") && seen[1] == "7474:7474 644 21000001", "{seen:?}");

    engine.write_file(&made.id, FILE, 3, pieces(vec!["new".into()])).await.expect("replaced");
    assert_eq!(read(&engine, &made, FILE).await.expect("read"), b"new");
    engine.write_file(&made.id, FILE, 0, pieces(vec![])).await.expect("an empty one");
    assert_eq!(read(&engine, &made, FILE).await.expect("read"), b"");
}

#[tokio::test]
async fn a_copy_from_one_volume_to_the_next_streams_straight_through() {
    let engine = engine();
    let (from, to) = (Volume::ours(&engine).await, Volume::ours(&engine).await);
    let (source, sink) = (hold(&engine, &from).await, hold(&engine, &to).await);
    let sent = content(5_000_000);
    engine.write_file(&source.id, FILE, 5_000_000, pieces(sent.clone())).await.expect("written");
    let (facts, stream) = engine.read_file(&source.id, FILE).await.expect("read");
    engine.write_file(&sink.id, FILE, facts.bytes, stream).await.expect("copied");
    assert!(read(&engine, &sink, FILE).await.expect("read") == sent.concat());
}

#[tokio::test]
async fn content_of_another_length_than_announced_fails_and_leaves_nothing_to_load() {
    let engine = engine();
    let volume = Volume::ours(&engine).await;
    let made = hold(&engine, &volume).await;
    let broken: Bytestream =
        stream::iter([Ok(Bytes::from_static(b"half")), Err(std::io::Error::other("the cable was cut"))]).boxed();
    let cases: [(u64, Bytestream, &str); 5] = [
        (6_000_000, pieces(content(5_000_000)), "ended 1000000 bytes before"),
        (4_000_000, pieces(content(5_000_000)), "longer than the announced"),
        (5_000_000, pieces([content(5_000_000), vec!["x".into()]].concat()), "longer than the announced"),
        (7, pieces(vec![]), "ended 7 bytes before"),
        (8, broken, "the cable was cut"),
    ];
    for (announced, stream, words) in cases {
        let failure = engine.write_file(&made.id, FILE, announced, stream).await.expect_err("must fail");
        assert!(matches!(&failure, EngineError::Failed(why) if why.contains(words)), "{failure}");
        assert_eq!(read(&engine, &made, FILE).await.expect("the file"), b"", "emptied, so that nothing can load it");
    }
    engine.write_file(&made.id, FILE, 2, pieces(vec!["ok".into()])).await.expect("written");
    assert_eq!(read(&engine, &made, FILE).await.expect("read"), b"ok");
}

#[tokio::test]
async fn a_full_volume_says_so() {
    let engine = engine();
    let volume = Volume::by_hand(&["--opt", "type=tmpfs", "--opt", "device=tmpfs", "--opt", "o=size=1m"]);
    let made = hold(&engine, &volume).await;
    let failure = engine.write_file(&made.id, FILE, 5_000_000, pieces(content(5_000_000))).await.expect_err("no room");
    assert!(matches!(&failure, EngineError::DiskFull(_)), "{failure}");
}

#[tokio::test]
async fn what_is_no_file_or_not_there_is_told_apart() {
    let engine = engine();
    let volume = Volume::ours(&engine).await;
    let made = hold(&engine, &volume).await;
    for _ in 0..2 {
        engine.make_directory(&made.id, "/staging/dumps").await.expect("made, and one that exists is fine");
    }
    let directory = read(&engine, &made, "/staging/dumps").await.expect_err("a directory");
    assert!(matches!(&directory, EngineError::Failed(why) if why.contains("a directory")), "{directory}");
    for missing in [FILE, "/staging/no/such"] {
        assert!(matches!(read(&engine, &made, missing).await, Err(EngineError::NotFound(_))));
    }
    assert!(matches!(engine.make_directory(&made.id, "/staging/no/such").await, Err(EngineError::NotFound(_))));
    let nowhere = engine.write_file(&made.id, "/staging/no/such/file", 1, pieces(vec!["x".into()])).await;
    assert!(matches!(nowhere, Err(EngineError::NotFound(_))), "{nowhere:?}");
    let gone = domain::container::ContainerId("test-never-was".into());
    assert!(matches!(engine.read_file(&gone, FILE).await, Err(EngineError::NotFound(_))));
    assert!(matches!(engine.write_file(&gone, FILE, 1, pieces(vec!["x".into()])).await, Err(EngineError::NotFound(_))));
}

#[tokio::test]
async fn a_file_with_a_very_long_name_is_read() {
    let engine = engine();
    let volume = Volume::ours(&engine).await;
    let made = hold(&engine, &volume).await;
    let path = format!("/staging/{}-ü", "n".repeat(200));
    let (mount, script) = (format!("{}:/staging", volume.0), format!("echo found > {path}"));
    docker().run(&["run", "--rm", "--network", "none", "-v", &mount, "--entrypoint", "bash", IMAGE, "-c", &script]);
    assert_eq!(read(&engine, &made, &path).await.expect("read"), b"found\n");
}

/// Above 8 GiB the size stands in another kind of header.
#[tokio::test]
async fn the_size_of_a_file_of_many_gigabytes_is_read_right() {
    let engine = engine();
    let volume = Volume::ours(&engine).await;
    let made = hold(&engine, &volume).await;
    let mount = format!("{}:/staging", volume.0);
    docker().run(&[
        "run",
        "--rm",
        "--network",
        "none",
        "-v",
        &mount,
        "--entrypoint",
        "truncate",
        IMAGE,
        "-s",
        "9G",
        "/staging/huge",
    ]);
    let (facts, mut content) = engine.read_file(&made.id, "/staging/huge").await.expect("a file");
    assert_eq!(facts.bytes, 9 * 1024 * 1024 * 1024);
    assert!(content.try_next().await.expect("a piece").is_some_and(|piece| piece.iter().all(|byte| *byte == 0)));
    // The engine holds the container while it sends, and notices that nobody reads only when this thread is free to
    // hang up.
    drop(content);
    engine.remove_helper(&made.name).await.expect("removed");
}

#[tokio::test]
async fn a_reader_that_stops_early_lets_go_of_the_engine() {
    let engine = engine();
    let volume = Volume::ours(&engine).await;
    let made = hold(&engine, &volume).await;
    engine.write_file(&made.id, FILE, 20_000_000, pieces(content(20_000_000))).await.expect("written");
    let (_, mut stream) = engine.read_file(&made.id, FILE).await.expect("read");
    let first = stream.try_next().await.expect("a piece").expect("not the end");
    assert!(first.len() < 1_000_000, "pieces are small: {}", first.len());
    drop(stream);
    tokio::time::timeout(Duration::from_secs(10), engine.remove_helper(&made.name))
        .await
        .expect("in time")
        .expect("removed");
}
