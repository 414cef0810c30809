//! A container made from another's description, and the old one removed.

use super::LIMIT;
use super::by_hand::Script;
use crate::live_adapters::{engine, unique};
use domain::change::Difference;
use domain::container::{Container, ContainerId, RunState};
use fakes::{FakeEngine, World, neo4j_container};
use ports::{ContainerEngine, EngineError, Recreation};
use tests::docker::docker;

const MEMORY: u64 = 64 << 20;

/// One server `sales` with a limit of its memory.
fn fake() -> FakeEngine {
    let world = World::with_sales();
    world.change("sales", |container| container.memory_limit = Some(MEMORY));
    FakeEngine(world)
}

/// The new container by its name, the volumes it has from the other, which no container takes along, and the other,
/// whose name it takes.
struct Recreated(String, Vec<String>, String);

impl Recreated {
    fn of(script: &Script) -> Self {
        let volumes = "{{range .Mounts}}{{.Name}} {{end}}";
        let volumes = docker().run(&["inspect", "--format", volumes, script.0.as_str()]);
        Self(unique("recreated"), volumes.split_whitespace().map(str::to_owned).collect(), script.1.clone())
    }
}

impl Drop for Recreated {
    fn drop(&mut self) {
        for name in [&self.0, &self.2] {
            docker().run(&["rm", "-f", name]);
        }
        for volume in &self.1 {
            docker().run(&["volume", "rm", "-f", volume]);
        }
    }
}

#[tokio::test]
async fn both_engines_recreate_a_container() {
    let script = Script::idle(&["--memory", &MEMORY.to_string(), "--env", "GREETING=hello", "--env", "STAYS=1"]);
    let new = Recreated::of(&script);
    recreated(&engine(), &script.0, &new.0).await;
    let fake = fake();
    fake.0.change("sales", |container| container.env.push(("GREETING".into(), "hello".into())));
    recreated(&fake, &neo4j_container("sales").id, "recreated").await;
}

fn variable(name: &str, before: Option<&str>, after: Option<&str>) -> Difference {
    Difference::Variable { name: name.into(), before: before.map(Into::into), after: after.map(Into::into) }
}

async fn recreated(engine: &dyn ContainerEngine, of: &ContainerId, name: &str) {
    let old = engine.inspect(of).await.expect("it is there");
    let differences = vec![
        variable("GREETING", Some("hello"), Some("good day")),
        variable("NEW", None, Some("a=b")),
        Difference::MemoryLimit { before: Some(MEMORY), after: Some(2 * MEMORY) },
        Difference::StopTimeout { before: old.stop_timeout, after: Some(77) },
    ];
    let wanted = Recreation { of: of.clone(), name: name.into(), differences };
    let id = engine.recreate(&wanted).await.expect("while the other runs");
    let new = engine.inspect(&id).await.expect("it is there");
    assert_eq!((new.name.as_str(), &new.run), (name, &RunState::Created));
    assert_eq!(engine.inspect(of).await, Ok(old.clone()), "the other is not touched");
    assert!(wanted.differences.iter().all(|difference| difference.is_done_in(&new)), "{new:?}");
    assert_eq!(
        undone(&new, &old),
        Container { stop_timeout: old.stop_timeout, ..undone(&old, &old) },
        "and nothing else"
    );

    assert!(matches!(engine.recreate(&wanted).await, Err(EngineError::Conflict(_))), "the name is taken");
    let back = Recreation { name: old.name.clone(), differences: vec![], ..wanted.clone() };
    assert!(matches!(engine.recreate(&back).await, Err(EngineError::Conflict(_))), "its own name is taken, too");
    let gone = Recreation { of: ContainerId("test-never-was".into()), name: unique("never"), differences: vec![] };
    assert!(matches!(engine.recreate(&gone).await, Err(EngineError::NotFound(_))));
    takes_the_place(engine, &old, &id).await;
}

/// What a container and its recreation must have in common.
fn undone(container: &Container, old: &Container) -> Container {
    let mut same = container.clone();
    same.env.retain(|(name, _)| !["GREETING", "NEW"].contains(&name.as_str()));
    same.env.sort();
    same.networks.iter_mut().for_each(|network| network.ip.clear());
    same.ports.iter_mut().for_each(|port| port.host = None);
    let (id, name, run) = (old.id.clone(), old.name.clone(), old.run.clone());
    let Container { started_at, memory_limit, stop_timeout, .. } = *old;
    Container { id, name, run, started_at, memory_limit, stop_timeout, ..same }
}

async fn takes_the_place(engine: &dyn ContainerEngine, old: &Container, new: &ContainerId) {
    let running = engine.remove_stopped(&old.id).await;
    assert!(matches!(running, Err(EngineError::Conflict(_))), "it runs: {running:?}");
    assert!(engine.inspect(&old.id).await.expect("it is there").run.is_running(), "and nothing happened");
    engine.stop(&old.id, LIMIT).await.expect("stopped");
    for _ in 0..2 {
        engine.remove_stopped(&old.id).await.expect("removed, and then gone");
    }
    assert!(matches!(engine.inspect(&old.id).await, Err(EngineError::NotFound(_))));
    engine.rename(new, &old.name).await.expect("the name is free");
    engine.start(new).await.expect("its volumes are there");
    let now = engine.inspect(&ContainerId(old.name.clone())).await.expect("by the name of the other");
    assert!(now.run.is_running() && now.id == *new);
    engine.stop(new, LIMIT).await.expect("stopped");
    engine.remove_stopped(new).await.expect("removed");
}

#[tokio::test]
async fn both_engines_change_a_limit_of_memory() {
    let script = Script::idle(&["--memory", &MEMORY.to_string()]);
    limited(&engine(), &script.0).await;
    let free = Script::idle(&[]);
    first_limit(&engine(), &free.0).await;
    let fake = fake();
    limited(&fake, &neo4j_container("sales").id).await;
    fake.0.change("sales", |container| container.memory_limit = None);
    first_limit(&fake, &neo4j_container("sales").id).await;
}

async fn limited(engine: &dyn ContainerEngine, id: &ContainerId) {
    let before = engine.inspect(id).await.expect("it is there");
    for running in [true, false] {
        for bytes in [3 * MEMORY, 3 * MEMORY, MEMORY] {
            engine.set_memory_limit(id, Some(bytes)).await.expect("changed, or so already");
            let now = engine.inspect(id).await.expect("it is there");
            assert_eq!((now.memory_limit, &now.id, now.run.is_running()), (Some(bytes), &before.id, running));
        }
        let none = engine.set_memory_limit(id, None).await;
        assert!(matches!(none, Err(EngineError::Conflict(_))), "only a new container has none again: {none:?}");
        let little = engine.set_memory_limit(id, Some(1 << 20)).await;
        assert!(matches!(little, Err(EngineError::Conflict(_))), "less than any container needs: {little:?}");
        assert_eq!(engine.inspect(id).await.expect("it is there").memory_limit, Some(MEMORY), "and nothing changed");
        if running {
            engine.stop(id, LIMIT).await.expect("stopped");
        }
    }
    let gone = ContainerId("test-never-was".into());
    assert!(matches!(engine.set_memory_limit(&gone, Some(MEMORY)).await, Err(EngineError::NotFound(_))));
}

async fn first_limit(engine: &dyn ContainerEngine, id: &ContainerId) {
    engine.set_memory_limit(id, None).await.expect("it has none");
    engine.set_memory_limit(id, Some(MEMORY)).await.expect("limited");
    assert_eq!(engine.inspect(id).await.expect("it is there").memory_limit, Some(MEMORY));
}

#[tokio::test]
async fn both_engines_tell_the_memory_of_their_host() {
    let bytes = engine().host_memory().await.expect("an answer");
    let told = docker().run(&["info", "--format", "{{.MemTotal}}"]);
    assert_eq!(told.trim().parse(), Ok(bytes));
    assert!(fake().host_memory().await.expect("an answer") > 0);
}
