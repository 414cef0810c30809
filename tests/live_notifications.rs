//! Notifications with real parts: a mail server and receivers of web hooks, over real connections. The engine is fake: an alarm does
//! not depend on it.

mod hooks;
mod mail;
mod receiver;

use domain::channel::Destination;
use domain::deployment::DeploymentName;
use domain::member::Role;
use ops::Console;
use ops::deployments::AdoptDeployment;
use ops::jobs::Patience;
use ops::ports::Ports;
use ops::seal::Seal;
use ops::store::Store;
use ops::testing::{FakeEngine, FakeGraph, MemoryTarget, TestConsole, World, actor};
use server::adapters::smtp::Smtp;
use server::adapters::web_calls::WebCalls;
use std::sync::Arc;

pub(crate) fn sales() -> DeploymentName {
    DeploymentName::parse("sales").expect("a name")
}

/// A console whose mails and calls are real, with `sales`, which was never backed up.
pub(crate) async fn console(directory: &tempfile::TempDir) -> TestConsole {
    let world = World::with_sales();
    let made = TestConsole::open(directory.path(), world.clone(), Arc::new(MemoryTarget::default())).await.expect("a console");
    let ports = Ports {
        engine: Arc::new(FakeEngine(world.clone())),
        graph: Arc::new(FakeGraph(world)),
        target: made.target.clone(),
        mailer: Arc::new(Smtp),
        webhook: Arc::new(WebCalls::default()),
        clock: made.clock.clone(),
    };
    let store = Store::open(directory.path()).await.expect("a store");
    let console = Console::new(store, Seal::from_key([7; 32]), ports, Patience::default()).await.expect("a console");
    let adopt = AdoptDeployment { container: "sales".into(), user: "neo4j".into(), password: "correct horse".into(), name: None };
    console.perform(&actor(Role::Admin), adopt).await.expect("adopted");
    TestConsole { console, ..made }
}

/// Adds the channel `ops` for all events and sends a test over it.
pub(crate) async fn test_of(console: &TestConsole, destination: Destination) -> Result<(), String> {
    use ops::notifications::{AddChannel, TestChannel};
    let name = domain::channel::ChannelName::parse("ops").expect("a name");
    let terms = domain::channel::Terms { events: domain::channel::events(&[]).expect("all"), paused: false, quiet: None };
    let lead = actor(Role::Lead);
    console.console.perform(&lead, AddChannel { name: name.clone(), destination, terms }).await.expect("added");
    console.console.perform(&lead, TestChannel { name }).await.map_err(|error| error.problem().means)
}
