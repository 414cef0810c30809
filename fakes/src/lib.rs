//! Fakes of the ports, for tests: one small world of containers, volumes and files that the engine and the graph share,
//! so that a dump really holds what the server held. They pass the contract of `tests/live_contract.rs`, like the
//! adapters. They know `ports` only, so that the tests inside `ops` can use them.

mod clock;
mod containers;
mod description;
mod dump;
mod engine;
mod graph;
mod helper;
mod logs;
mod messages;
mod neo4j_container;
mod networks;
mod probes;
mod pulls;
mod recreation;
mod registry;
mod scratch;
mod server;
mod stores;
mod target;
mod targets;
mod volumes;
mod world;

pub use clock::FakeClock;
pub use dump::dump_bytes;
pub use engine::FakeEngine;
pub use graph::FakeGraph;
pub use messages::FakeMessages;
pub use neo4j_container::neo4j_container;
pub use registry::FakeRegistry;
pub use target::MemoryTarget;
pub use targets::MemoryTargets;
pub use world::{Store as FakeStore, World};

#[cfg(test)]
mod tests {
    use super::{FakeEngine, World};
    use domain::host::HostId;
    use ports::{EngineError, Engines};
    use std::sync::Arc;

    #[test]
    fn a_host_that_is_not_set_up_is_told_by_name() {
        let engines = Engines::local(Arc::new(FakeEngine(World::default())));
        assert!(engines.of(&HostId::local()).is_ok());
        let far = HostId::parse("far-away").expect("a host");
        assert!(matches!(engines.of(&far), Err(EngineError::Unreachable(why)) if why.contains("far-away")));
    }
}
