//! What the stories of alarms are told on: an adopted server, channels, and what was posted.

use super::*;
use fakes::{MemoryTarget, World};

pub(super) struct Stage {
    pub(super) test: TestConsole,
    pub(super) directory: tempfile::TempDir,
}

pub(super) fn sales() -> DeploymentName {
    DeploymentName::parse("sales").expect("a name")
}

pub(super) fn ops() -> ChannelName {
    ChannelName::parse("ops").expect("a name")
}

pub(super) fn url(path: &str) -> WebAddress {
    WebAddress::parse("url", &format!("https://hooks.example.com/{path}")).expect("an address")
}

pub(super) fn wants(words: &[&str]) -> Terms {
    let words: Vec<_> = words.iter().map(|w| (*w).to_string()).collect();
    Terms { events: events(&words).expect("events"), paused: false, quiet: None }
}

impl Stage {
    /// An adopted server without a backup; no channel.
    pub(super) async fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let test = TestConsole::open(directory.path(), World::with_sales(), MemoryTarget::default().into())
            .await
            .expect("a console");
        let adopt = AdoptDeployment {
            host: domain::host::HostId::local(),
            container: "sales".into(),
            user: "neo4j".into(),
            password: "correct horse".into(),
            name: None,
            environment: domain::environment::Environment::default(),
        };
        test.console.perform(&actor(Role::Admin), adopt).await.expect("adopted");
        Self { test, directory }
    }

    pub(super) async fn with_channel(terms: Terms) -> Self {
        let stage = Self::new().await;
        stage.add(terms).await;
        stage
    }

    pub(super) async fn add(&self, terms: Terms) {
        let destination = Destination::Webhook { url: url("secret-path"), secret: fresh_secret() };
        self.test
            .console
            .perform(&actor(Role::Lead), AddChannel { name: ops(), destination, terms })
            .await
            .expect("added");
    }

    /// As after `kill -9`: the same directory, the clock goes on.
    pub(super) async fn restart(&mut self) {
        let now = self.test.console.state.ports.clock.now();
        let (world, target) = (self.test.world.clone(), self.test.target.clone());
        self.test = TestConsole::open(self.directory.path(), world, target).await.expect("a console");
        self.test.clock.forward(now - self.test.console.state.ports.clock.now());
    }

    pub(super) async fn backup(&self) -> State {
        let start =
            StartBackup { deployment: sales(), reason: Reason::default(), targets: vec![], kind: Default::default() };
        let job = self.test.console.perform(&actor(Role::Operator), start).await.expect("queued");
        self.drive(job).await
    }

    pub(super) async fn drive(&self, job: JobId) -> State {
        assert!(!self.test.drive(job, 200).await.expect("the store works"), "the job never ends");
        self.test.console.state.store.job(job).await.expect("the job").brief.state
    }

    pub(super) async fn failing_backup(&self) {
        self.test.world.fail_helper("dump", "No space left on device");
        assert_eq!(self.backup().await, State::RolledBack);
        self.test.world.fail_helper("nothing", "");
    }

    /// Titles of what arrived since the last call.
    pub(super) async fn told(&self) -> Vec<String> {
        self.test.notify().await.expect("the store works");
        let title = |body: String| {
            serde_json::from_str::<serde_json::Value>(&body)
                .map_or(body, |v| v["title"].as_str().unwrap_or_default().into())
        };
        self.test.messages.take_bodies().into_iter().map(title).collect()
    }

    pub(super) async fn schedule(&self, name: &str, cron: &str) {
        let [mut schedule, ..] = plan(&sales(), "UTC", &[]);
        (schedule.name, schedule.cron) = (ScheduleName::parse(name).expect("a name"), cron.into());
        self.test.console.perform(&actor(Role::Lead), AddSchedule { schedule }).await.expect("a schedule");
    }

    pub(super) fn until_sunday_at(&self, hour: u32) {
        let now = self.test.console.state.ports.clock.now();
        let sunday =
            (1..=7).map(|days| now + TimeDelta::days(days)).find(|at| at.weekday() == Weekday::Sun).expect("a Sunday");
        self.test.clock.forward(sunday.with_hour(hour).expect("an hour") - now);
    }

    pub(super) fn forward(&self, hours: i64) {
        self.test.clock.forward(TimeDelta::hours(hours));
    }

    pub(super) async fn log(&self) -> Vec<Delivery> {
        self.test
            .console
            .ask(&actor(Role::Lead), ListDeliveries { recipient: None, page: 1 })
            .await
            .expect("a log")
            .items
    }

    pub(super) async fn channel(&self) -> View {
        self.test.console.ask(&actor(Role::Lead), ListChannels {}).await.expect("channels").remove(0)
    }
}
