//! Notifications with real parts: a mail server and receivers of web hooks, over real connections. The engine is fake:
//! an alarm does not depend on it.

mod hooks;
mod loops;
mod mail;
mod receiver;

use adapters::outbound::Outbound;
use adapters::smtp::Smtp;
use adapters::webhook::WebhookClient;
use domain::channel::{Destination, Secret, WebAddress};
use domain::deployment::DeploymentName;
use domain::environment::Environment;
use domain::member::Role;
use fakes::{FakeClock, FakeEngine, FakeGraph, FakeRegistry, MemoryTarget, World};
use ops::Console;
use ops::crypto::seal::Seal;
use ops::testing::{TestConsole, actor};
use ops::timeouts::Timeouts;
use ops::use_cases::deployments::AdoptDeployment;
use ports::{Clock, Engines, Ports};
use std::sync::Arc;
use tempfile::TempDir;

pub(crate) fn sales() -> DeploymentName {
    DeploymentName::parse("sales").expect("a name")
}

/// A console whose mails and calls are real, with `sales`, which was never backed up. Time is moved by hand.
pub(crate) async fn console_by_hand(directory: &TempDir) -> TestConsole {
    let clock = Arc::new(FakeClock::default());
    TestConsole { clock: clock.clone(), ..console(directory, clock).await }
}

/// The same by another clock.
pub(crate) async fn console(directory: &TempDir, clock: Arc<dyn Clock>) -> TestConsole {
    let made = open(directory, clock, World::with_sales()).await;
    let adopt = AdoptDeployment {
        host: domain::host::HostId::local(),
        container: "sales".into(),
        user: "neo4j".into(),
        password: "correct horse".into(),
        name: None,
        environment: Environment::default(),
    };
    made.console.perform(&actor(Role::Admin), adopt).await.expect("adopted");
    made
}

/// On a directory that may have been used before.
pub(crate) async fn open(directory: &TempDir, clock: Arc<dyn Clock>, world: World) -> TestConsole {
    let made =
        TestConsole::open(directory.path(), world.clone(), Arc::new(MemoryTarget::default())).await.expect("a console");
    let ports = Ports {
        engines: Engines::local(Arc::new(FakeEngine(world.clone()))),
        graph: Arc::new(FakeGraph(world.clone())),
        target: made.target.clone(),
        targets: made.targets.clone(),
        mailer: Arc::new(Smtp::new(outbound())),
        webhook: Arc::new(WebhookClient::new(outbound())),
        registry: Arc::new(FakeRegistry(world)),
        clock,
    };
    let store = made.console.store().clone();
    let console = Console::new(store, Seal::from_key([7; 32]), ports, Timeouts::default()).await.expect("a console");
    TestConsole { console, ..made }
}

/// The receivers of these tests are on this machine.
fn outbound() -> Outbound {
    Outbound::new(["127.0.0.0/8", "::1/128"].map(|network| network.parse().expect("a network")).to_vec(), None)
}

pub(crate) const SECRET: &str = "0123456789abcdef";

/// The generic web hook.
pub(crate) fn destination_of(url: &str) -> Destination {
    let url = WebAddress::parse("url", url).expect("an address");
    Destination::Webhook { url, secret: Secret::parse(SECRET).expect("a secret") }
}

/// Adds the channel `ops` for all events and sends a test over it.
pub(crate) async fn test_of(console: &TestConsole, destination: Destination) -> Result<(), String> {
    use ops::use_cases::channels::{AddChannel, TestChannel};
    let name = domain::channel::ChannelName::parse("ops").expect("a name");
    let terms =
        domain::channel::Terms { events: domain::channel::events(&[]).expect("all"), paused: false, quiet: None };
    let lead = actor(Role::Lead);
    console.console.perform(&lead, AddChannel { name: name.clone(), destination, terms }).await.expect("added");
    console.console.perform(&lead, TestChannel { name }).await.map_err(|error| error.problem().means)
}
