//! What later changes of a server are built on: what it uses, its whole description, its name, its networks.

use super::LIMIT;
use super::by_hand::{Network, Script};
use crate::live_adapters::{IMAGE, engine, image_id, unique};
use domain::container::{ContainerId, ImageId};
use fakes::{FakeEngine, World, neo4j_container};
use ports::{ContainerEngine, EngineError, OWNER_LABEL, ServerSpec};
use tests::docker::docker;

const MEMORY: u64 = 64 << 20;

/// One server `sales` with a limit of its memory, and `other` beside it.
fn fake() -> FakeEngine {
    let world = World::with_sales();
    world.change("sales", |container| container.memory_limit = Some(MEMORY));
    world.add_container_like("sales", "other");
    FakeEngine(world)
}

fn gone() -> ContainerId {
    ContainerId("test-never-was".into())
}

#[tokio::test]
async fn both_engines_tell_what_a_container_uses() {
    let busy = Script::start("trap 'exit 0' TERM; (while :; do :; done) & wait", &["--memory", &MEMORY.to_string()]);
    usage(&engine(), &busy.0).await;
    usage(&fake(), &neo4j_container("sales").id).await;
    let alone = Script::idle(&["--network", "none"]);
    assert_eq!(engine().stats(&alone.0).await.expect("a reading").network, None, "nobody counts");
}

async fn usage(engine: &dyn ContainerEngine, id: &ContainerId) {
    let first = engine.stats(id).await.expect("a reading");
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let second = engine.stats(id).await.expect("another");
    let percent = second.cpu_percent_since(&first).expect("time has passed");
    assert!(percent > 1.0 && percent < 150.0, "one busy process: {percent}");
    assert!(second.system_nanoseconds > first.system_nanoseconds && second.cpus > 0, "{second:?}");
    assert!(second.memory_used > 0 && second.memory_used <= second.memory_limit, "{second:?}");
    assert_eq!(second.memory_limit, MEMORY);
    assert!(second.network.is_some() && second.pids > 0, "{second:?}");
    engine.stop(id, LIMIT).await.expect("stopped");
    assert!(matches!(engine.stats(id).await, Err(EngineError::Conflict(_))), "it uses nothing any more");
    assert!(matches!(engine.stats(&gone()).await, Err(EngineError::NotFound(_))));
}

#[tokio::test]
async fn both_engines_describe_a_container_wholly() {
    let script = Script::idle(&["--env", "GREETING=hello", "--label", "com.example=kept", "--ulimit", "nofile=4000"]);
    let mut seen = description(&engine(), &script.0).await;
    let printed = docker().run(&["inspect", script.0.as_str()]);
    let mut by_docker: serde_json::Value = serde_json::from_str(&printed).expect("json");
    // The engine lists them in another order each time.
    for all in [&mut seen, &mut by_docker[0]] {
        let mounts = all["Mounts"].as_array_mut().expect("mounts");
        mounts.sort_by_key(|one| one["Destination"].to_string());
    }
    assert!(seen == by_docker[0], "every field, as the engine gave it:\n{seen}\n{}", by_docker[0]);
    description(&fake(), &neo4j_container("sales").id).await;
}

async fn description(engine: &dyn ContainerEngine, id: &ContainerId) -> serde_json::Value {
    let known = engine.inspect(id).await.expect("it is there");
    let seen = engine.inspect_raw(id).await.expect("a description");
    assert_eq!((&seen["Id"], &seen["Name"]), (&known.id.as_str().into(), &format!("/{}", known.name).into()));
    assert_eq!((&seen["Image"], &seen["Config"]["Image"]), (&known.image_id.as_str().into(), &known.image.into()));
    let env: Vec<String> = known.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(seen["Config"]["Env"], serde_json::json!(env));
    assert_eq!(seen["State"]["Status"], "running");
    assert!(matches!(engine.inspect_raw(&gone()).await, Err(EngineError::NotFound(_))));
    seen
}

#[tokio::test]
async fn both_engines_rename_a_container() {
    let (script, other) = (Script::idle(&[]), Script::idle(&[]));
    names(&engine(), &script.0, &script.1, &other.1).await;
    names(&fake(), &neo4j_container("sales").id, "sales", "other").await;
    successor(&engine(), &script.0, &script.1, image_id()).await;
    successor(&fake(), &neo4j_container("sales").id, "sales", ImageId("sha256:neo4j".into())).await;
}

async fn names(engine: &dyn ContainerEngine, id: &ContainerId, name: &str, taken: &str) {
    let new = unique("renamed");
    for _ in 0..2 {
        engine.rename(id, &new).await.expect("renamed, and then named so already");
    }
    let seen = engine.inspect(&ContainerId(new.clone())).await.expect("found by its new name");
    assert_eq!((&seen.id, seen.name.as_str()), (id, new.as_str()));
    assert!(
        matches!(engine.inspect(&ContainerId(name.into())).await, Err(EngineError::NotFound(_))),
        "the name is free"
    );
    assert!(matches!(engine.rename(id, taken).await, Err(EngineError::Conflict(_))), "somebody has it");
    assert_eq!(engine.inspect(id).await.expect("found by its id").name, new, "and nothing changed");
    engine.stop(id, LIMIT).await.expect("stopped");
    engine.rename(id, name).await.expect("a stopped one, too");
    assert!(matches!(engine.rename(&gone(), &new).await, Err(EngineError::NotFound(_))));
}

/// As a server is made anew: the old one steps aside, and the new one takes its name.
async fn successor(engine: &dyn ContainerEngine, old: &ContainerId, name: &str, image_id: ImageId) {
    let aside = unique("aside");
    engine.rename(old, &aside).await.expect("renamed");
    let spec = ServerSpec {
        name: name.into(),
        image: IMAGE.into(),
        image_id,
        env: vec![],
        mounts: vec![],
        networks: vec![],
        published: vec![],
        memory_limit: None,
        stop_timeout: 10,
        labels: [(OWNER_LABEL.to_string(), "a test".to_string())].into(),
    };
    let new = engine.create_server(&spec).await.expect("the name is free");
    assert_ne!(&new, old);
    assert_eq!(engine.inspect(&ContainerId(name.into())).await.expect("by name").id, new);
    assert_eq!(engine.inspect(old).await.expect("by id").name, aside);
    assert!(matches!(engine.rename(old, name).await, Err(EngineError::Conflict(_))), "the new one has it");
    engine.remove_server(name).await.expect("removed");
    engine.rename(old, name).await.expect("the old one is back");
    assert_eq!(&engine.inspect(&ContainerId(name.into())).await.expect("by name").id, old);
}

#[tokio::test]
async fn both_engines_connect_a_container_to_networks() {
    let network = Network::create();
    let script = Script::idle(&[]);
    networks(&engine(), &script.0, &network.0).await;
    let host = engine().connect_network(&script.0, "host", &[]).await;
    assert!(matches!(host, Err(EngineError::Conflict(_))), "what cannot be is no missing right: {host:?}");
    let fake = fake();
    fake.0.add_network("web");
    networks(&fake, &neo4j_container("sales").id, "web").await;
}

async fn networks(engine: &dyn ContainerEngine, id: &ContainerId, network: &str) {
    for running in [true, false] {
        for alias in ["graph", "never"] {
            engine.connect_network(id, network, &[alias.into()]).await.expect("connected, and then so already");
        }
        let seen = engine.inspect(id).await.expect("it is there");
        assert!(seen.networks.iter().any(|n| n.name == network), "{:?}", seen.networks);
        let seen = engine.inspect_raw(id).await.expect("a description");
        let aliases = &seen["NetworkSettings"]["Networks"][network]["Aliases"].to_string();
        assert!(aliases.contains("\"graph\"") && !aliases.contains("never"), "it keeps those it has: {aliases}");
        for _ in 0..2 {
            engine.disconnect_network(id, network).await.expect("disconnected, and then so already");
        }
        assert!(!engine.inspect(id).await.expect("it is there").networks.iter().any(|n| n.name == network));
        if running {
            engine.stop(id, LIMIT).await.expect("stopped");
        }
    }
    let nowhere = "test-no-network";
    assert!(matches!(engine.connect_network(id, nowhere, &[]).await, Err(EngineError::NotFound(_))));
    assert!(matches!(engine.disconnect_network(id, nowhere).await, Err(EngineError::NotFound(_))));
    assert!(matches!(engine.connect_network(&gone(), network, &[]).await, Err(EngineError::NotFound(_))));
    assert!(matches!(engine.disconnect_network(&gone(), network).await, Err(EngineError::NotFound(_))));
}
