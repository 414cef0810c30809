//! What the ports promise, asked of the fakes and of the real adapters alike: a fake that did otherwise would make
//! tests lie.

mod by_hand;
mod containers;
mod logs;
mod pulls;
mod recreations;

use crate::live_adapters::{IMAGE, engine, image_id, shared_neo4j, unique};
use adapters::bolt::BoltClient;
use adapters::local_directory::LocalDirectory;
use adapters::named_directory::NamedDirectory;
use adapters::threaded_target::{Limits, ThreadedTarget, Threads};
use bytes::Bytes;
use domain::container::{ContainerId, HostPort, ImageId, RestartPolicy, RunState, VolumeName};
use domain::helper::HelperCommand;
use domain::statements;
use domain::storage::RunAs;
use fakes::{FakeEngine, FakeGraph, MemoryTarget, World};
use futures::{StreamExt, TryStreamExt, stream};
use ports::{
    BoltServer, Bytestream, ContainerEngine, EngineError, GraphError, GraphServer, HelperMount, HelperSpec,
    OWNER_LABEL, ServerSpec, Target, TargetError,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tests::neo4j::PASSWORD;

const LIMIT: Duration = Duration::from_secs(60);

fn bytes(content: &'static [u8]) -> Bytestream {
    stream::iter(content.chunks(3).map(|piece| Ok(Bytes::from_static(piece))).collect::<Vec<_>>()).boxed()
}

async fn all(content: Bytestream) -> Vec<u8> {
    content.map_ok(|piece| piece.to_vec()).try_concat().await.expect("the whole content")
}

#[tokio::test]
async fn both_targets_keep_their_promise() {
    let place = tempfile::tempdir().expect("a directory");
    target(&LocalDirectory::new(place.path())).await;
    let named = tempfile::tempdir().expect("a directory");
    let threads = Threads::new(Limits::default()).expect("threads");
    target(&ThreadedTarget::new(NamedDirectory::new(named.path(), false), Arc::new(threads))).await;
    target(&MemoryTarget::default()).await;
}

async fn target(target: &dyn Target) {
    assert!(!target.location().is_empty());
    assert_eq!(target.put("one/deep/part", bytes(b"first")).await, Ok(5));
    assert_eq!(target.put("one/empty", bytes(b"")).await, Ok(0));
    assert_eq!(target.put("one-more/part", bytes(b"other")).await, Ok(5));
    let broken = bytes(b"sec").chain(stream::iter([Err(std::io::Error::other("the cable was cut"))])).boxed();
    assert!(
        matches!(target.put("one/deep/part", broken).await, Err(TargetError::Failed(why)) if why.contains("cable"))
    );
    assert_eq!(all(target.get("one/deep/part").await.expect("the old one is whole")).await, b"first");
    assert_eq!(target.put("one/deep/part", bytes(b"second")).await, Ok(6));
    assert_eq!(all(target.get("one/deep/part").await.expect("the new one")).await, b"second");
    assert_eq!(target.size("one/deep/part").await, Ok(6));
    assert!(matches!(target.size("one/nothing").await, Err(TargetError::Missing(what)) if what == "one/nothing"));
    assert!(matches!(target.size("one/deep").await, Err(TargetError::Missing(_))), "a folder has none");
    assert!(matches!(target.get("one/nothing").await, Err(TargetError::Missing(what)) if what == "one/nothing"));
    assert_eq!(target.list("").await.expect("a list"), ["one", "one-more"]);
    assert_eq!(target.list("one").await.expect("a list"), ["deep", "empty"]);
    assert_eq!(target.list("nothing").await, Ok(vec![]));
    for _ in 0..2 {
        target.remove("one").await.expect("removed, and then gone");
    }
    assert!(matches!(target.get("one/empty").await, Err(TargetError::Missing(_))));
    assert_eq!(all(target.get("one-more/part").await.expect("another's stays")).await, b"other");
    assert_eq!(target.list("").await.expect("a list"), ["one-more"]);
}

#[tokio::test]
async fn both_graphs_keep_their_promise() {
    let (neo4j, _turn) = shared_neo4j().await;
    let at = |port: u16, password: &str| BoltServer {
        addresses: vec![format!("127.0.0.1:{port}")],
        tls: false,
        user: "neo4j".into(),
        password: password.into(),
    };
    let closed = tests::console_process::free_port();
    graph_server(
        &BoltClient::default(),
        |port, right| at(port, if right { PASSWORD } else { "wrong" }),
        neo4j.bolt_port,
        closed,
    )
    .await;
    let fake = FakeGraph(World::with_sales());
    graph_server(&fake, |port, right| at(port, if right { "correct horse" } else { "wrong" }), 17687, closed).await;
}

async fn graph_server(graph: &dyn GraphServer, server: impl Fn(u16, bool) -> BoltServer, open: u16, closed: u16) {
    let rows = graph
        .query(&server(open, true), "system", &[statements::IDENTITY, statements::DATABASES], LIMIT)
        .await
        .expect("rows");
    assert_eq!((rows.len(), &rows[0][0]["edition"]), (2, &"community".into()));
    assert!(
        rows[1].iter().any(|r| r["name"] == "neo4j" && r["currentStatus"] == "online" && r["default"] == true),
        "{rows:?}"
    );
    let totals = graph.query(&server(open, true), "neo4j", &[statements::TOTALS], LIMIT).await.expect("rows");
    assert!(totals[0][0]["nodes"].is_u64() && totals[0][0]["relationships"].is_u64(), "{totals:?}");
    assert_eq!(
        graph.query(&server(open, false), "system", &[statements::IDENTITY], LIMIT).await,
        Err(GraphError::Unauthorized)
    );
    assert!(matches!(
        graph.query(&server(closed, true), "system", &[statements::IDENTITY], LIMIT).await,
        Err(GraphError::Unreachable(_))
    ));
    graph
        .query(&server(open, true), "system", &[statements::IDENTITY], LIMIT)
        .await
        .expect("one wrong try locks nobody out");
}

#[tokio::test]
async fn both_engines_keep_their_promise() {
    let (neo4j, _turn) = shared_neo4j().await;
    moving_a_server(&engine(), &neo4j.name).await;
    helpers_and_volumes(&engine(), image_id()).await;
    a_server_of_its_own(&engine(), image_id()).await;
    let fake = FakeEngine(World::with_sales());
    moving_a_server(&fake, "sales").await;
    helpers_and_volumes(&fake, ImageId("sha256:neo4j".into())).await;
    a_server_of_its_own(&fake, ImageId("sha256:neo4j".into())).await;
}

async fn a_server_of_its_own(engine: &dyn ContainerEngine, image_id: ImageId) {
    let (volume, name) = (VolumeName(unique("volume")), unique("server"));
    let labels: BTreeMap<String, String> = [(OWNER_LABEL.to_string(), "a test".to_string())].into();
    assert!(matches!(engine.inspect_volume(&volume).await, Err(EngineError::NotFound(_))));
    engine.create_volume(&volume, &labels).await.expect("a volume");
    assert_eq!(engine.inspect_volume(&volume).await.expect("it is there").labels, labels);
    let spec = ServerSpec {
        name: name.clone(),
        image: IMAGE.into(),
        image_id,
        env: vec![
            ("NEO4J_AUTH".into(), "neo4j/correct horse".into()),
            ("NEO4J_server_memory_heap_max__size".into(), "256m".into()),
        ],
        mounts: vec![HelperMount { source: volume.0.clone(), at: "/data".into(), writable: true }],
        networks: vec![],
        published: [7474, 7687].map(|port| (port, HostPort { address: "127.0.0.1".into(), port: 0 })).into(),
        memory_limit: Some(1 << 30),
        stop_timeout: 120,
        labels: labels.clone(),
    };
    let id = engine.create_server(&spec).await.expect("a server");
    assert!(matches!(engine.create_server(&spec).await, Err(EngineError::Conflict(_))), "the name is taken");
    let made = engine.inspect(&id).await.expect("it is there");
    assert_eq!((made.name.as_str(), made.image.as_str(), &made.run), (name.as_str(), IMAGE, &RunState::Created));
    assert_eq!((made.memory_limit, made.stop_timeout, made.auto_remove), (Some(1 << 30), Some(120), false));
    assert!(labels.iter().all(|(key, value)| made.labels.get(key) == Some(value)) && made.is_neo4j());
    assert_eq!(made.mount_at("/data").map(|m| (m.source_name(), m.writable)), Some((volume.as_str(), true)));
    assert!(spec.env.iter().all(|pair| made.own_env().any(|own| own == pair)), "{:?}", made.env);

    engine.start(&id).await.expect("started");
    let runs = engine.inspect(&ContainerId(name.clone())).await.expect("by name");
    assert!(runs.run.is_running());
    let open = |port| runs.ports.iter().find(|p| p.container == port).and_then(|p| p.host.clone()).expect("published");
    assert!(
        [open(7474), open(7687)].iter().all(|host| host.address == "127.0.0.1" && host.port > 1024),
        "{:?}",
        runs.ports
    );
    let published = engine.published_ports().await.expect("ports");
    assert!(published.contains(&(open(7687), name.clone())), "{published:?}");
    assert_eq!(engine.has_network("test-never-was").await, Ok(false));
    let in_use = engine.remove_foreign_volume(&volume).await;
    assert!(matches!(in_use, Err(EngineError::Conflict(_))), "{in_use:?}");
    for _ in 0..2 {
        engine.remove_server(&name).await.expect("removed, and then gone");
    }
    assert!(matches!(engine.inspect(&id).await, Err(EngineError::NotFound(_))));
    engine.inspect_volume(&volume).await.expect("its named volume stays");
    engine.remove_volume(&volume).await.expect("removed");
    let no_image = ServerSpec { image_id: ImageId(format!("sha256:{}", "0".repeat(64))), mounts: vec![], ..spec };
    assert!(matches!(engine.create_server(&no_image).await, Err(EngineError::NotFound(_))));
}

async fn moving_a_server(engine: &dyn ContainerEngine, name: &str) {
    assert!(!engine.ping().await.expect("an answer").is_empty());
    let id = ContainerId(name.into());
    assert!(engine.neo4j_containers().await.expect("a list").iter().any(|c| c.name == name && c.run.is_running()));
    engine.start(&id).await.expect("it runs already");
    assert!(engine.unpause(&id).await.is_err(), "it is not paused");
    let seen = engine.inspect(&id).await.expect("it is there");
    let data = seen.mount_at("/data").expect("data").source_name().to_string();
    assert_eq!(engine.running_on(&data).await.expect("a list"), [name]);
    assert_eq!(engine.running_on("no-such-volume").await.expect("a list"), [""; 0]);
    for policy in [RestartPolicy::OnFailure(3), RestartPolicy::UnlessStopped, RestartPolicy::No] {
        engine.set_restart_policy(&id, policy).await.expect("changed");
        let now = engine.inspect(&id).await.expect("it is there");
        assert_eq!(
            (now.restart, now.run, now.memory_limit),
            (policy, RunState::Running, seen.memory_limit),
            "and nothing else"
        );
    }
    for _ in 0..2 {
        engine.stop(&id, LIMIT).await.expect("stopped, and then stopped already");
    }
    let stopped = engine.inspect(&id).await.expect("it is there");
    assert_eq!(stopped.run, RunState::Stopped { exit_code: 0, out_of_memory: false });
    assert!(engine.exec(&id, &["true"], LIMIT).await.is_err(), "nothing runs in a stopped container");
    assert_eq!(engine.running_on(&data).await.expect("a list"), [""; 0]);
    assert!(engine.neo4j_containers().await.expect("a list").iter().any(|c| c.name == name), "stopped ones are listed");
    engine.start(&id).await.expect("started");
    let again = engine.inspect(&id).await.expect("it is there");
    assert!(again.run.is_running() && again.started_at > stopped.started_at, "each start has its time");
    assert_eq!(again.id, stopped.id);
    assert!(
        matches!(engine.remove_server(name).await, Err(EngineError::Conflict(_))),
        "a server of somebody else is never removed"
    );
    let gone = ContainerId("test-never-was".into());
    assert!(matches!(engine.inspect(&gone).await, Err(EngineError::NotFound(_))));
    assert!(matches!(engine.start(&gone).await, Err(EngineError::NotFound(_))));
    assert!(matches!(engine.stop(&gone, LIMIT).await, Err(EngineError::NotFound(_))));
}

async fn helpers_and_volumes(engine: &dyn ContainerEngine, image: ImageId) {
    let found = engine.find_image(image.as_str()).await.expect("an answer").expect("the image");
    assert_eq!(found.id, image);
    assert_eq!(engine.find_image(&format!("sha256:{}", "0".repeat(64))).await, Ok(None));
    let job = unique("contract");
    let (volume, name) = (VolumeName(unique("volume")), unique("helper"));
    let labels: BTreeMap<String, String> = [("neo4j-console.test-contract".to_string(), job.clone())].into();
    for _ in 0..2 {
        engine.create_volume(&volume, &labels).await.expect("made, and then there already");
    }
    let mount = HelperMount { source: volume.0.clone(), at: "/staging".into(), writable: true };
    let spec = HelperSpec {
        name: name.clone(),
        image,
        user: RunAs::default(),
        act: HelperCommand::Hold,
        mounts: vec![mount],
        labels,
    };
    engine.create_helper(&spec).await.expect("a helper");
    let id = engine.create_helper(&spec).await.expect("one of the same name gives way");
    files(engine, &id).await;

    assert_eq!(engine.inspect(&id).await.expect("the helper").run, RunState::Created);
    let found = engine.helpers("neo4j-console.test-contract", &job).await.expect("a list");
    assert_eq!(found.iter().map(|h| h.name.as_str()).collect::<Vec<_>>(), [name.as_str()]);
    let volumes = engine.volumes("neo4j-console.test-contract", &job).await.expect("a list");
    assert_eq!(volumes.iter().map(|v| v.name.as_str()).collect::<Vec<_>>(), [volume.as_str()]);
    assert!(engine.helpers("neo4j-console.test-contract", "another").await.expect("a list").is_empty());
    for _ in 0..2 {
        engine.remove_helper(&name).await.expect("removed, and then gone");
        engine.remove_volume(&volume).await.expect("removed, and then gone");
    }
    assert!(engine.volumes("neo4j-console.test-contract", &job).await.expect("a list").is_empty());
    let no_image = HelperSpec { image: ImageId(format!("sha256:{}", "0".repeat(64))), mounts: vec![], ..spec };
    assert!(matches!(engine.create_helper(&no_image).await, Err(EngineError::NotFound(_))));
}

async fn files(engine: &dyn ContainerEngine, id: &ContainerId) {
    for _ in 0..2 {
        engine.make_directory(id, "/staging/dumps").await.expect("made, and then there already");
    }
    engine.write_file(id, "/staging/dumps/a", 6, bytes(b"abcdef")).await.expect("written");
    let (facts, content) = engine.read_file(id, "/staging/dumps/a").await.expect("there");
    assert_eq!((facts.bytes, all(content).await.as_slice()), (6, b"abcdef".as_slice()));
    assert!(engine.write_file(id, "/staging/dumps/b", 6, bytes(b"abc")).await.is_err(), "shorter than announced");
    if let Ok((_, content)) = engine.read_file(id, "/staging/dumps/b").await {
        assert_eq!(all(content).await, b"", "no half file");
    }
    assert!(matches!(engine.read_file(id, "/staging/dumps/nothing").await, Err(EngineError::NotFound(_))));
}
