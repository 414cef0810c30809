//! A year of the three-tier plan on a moving clock and real storage: daily to the console's own directory, weekly and
//! monthly to a directory elsewhere and to a real S3 store, which is away for a week. The engine and Neo4j are fakes: a
//! year has 429 backups.

use adapters::local_directory::LocalDirectory;
use adapters::target_factory::TargetFactory;
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use domain::backup::Search;
use domain::deployment::DeploymentName;
use domain::environment::Environment;
use domain::member::Role;
use domain::schedule::plan;
use domain::target::{CopyState, Place, S3, TargetName};
use fakes::World;
use ops::testing::{TestConsole, actor};
use ops::use_cases::backups::{GetBackup, ListBackups};
use ops::use_cases::deployments::AdoptDeployment;
use ops::use_cases::schedules::AddSchedule;
use ops::use_cases::targets::AddTarget;
use ports::{Clock, Keys};
use std::path::Path;
use std::sync::Arc;
use tests::s3_store::{ACCESS, BUCKET, S3Store, SECRET};

struct Year {
    test: TestConsole,
    disk: tempfile::TempDir,
    store: S3Store,
}

fn utc(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).expect("a time").with_timezone(&Utc)
}

fn sales() -> DeploymentName {
    DeploymentName::parse("sales").expect("a name")
}

fn named(name: &str) -> TargetName {
    TargetName::parse(name).expect("a name")
}

impl Year {
    async fn begin() -> Self {
        let (disk, store) = (tempfile::tempdir().expect("a directory"), S3Store::start().await);
        let at = |name: &str| disk.path().join(name);
        for name in ["data", "own", "drive"] {
            std::fs::create_dir(at(name)).expect("made");
        }
        let factory = Arc::new(TargetFactory::new([at("console"), at("console/backups")], at("data")));
        let own = Arc::new(LocalDirectory::new(at("own")));
        let test =
            TestConsole::open_on_storage(&at("data"), World::with_sales(), own, factory).await.expect("a console");
        test.clock.set(utc("2026-01-01T00:00:00Z"));
        let adopt = AdoptDeployment {
            host: domain::host::HostId::local(),
            container: "sales".into(),
            user: "neo4j".into(),
            password: "correct horse".into(),
            name: None,
            environment: Environment::default(),
        };
        test.console.perform(&actor(Role::Admin), adopt).await.expect("adopted");
        let year = Self { test, disk, store };
        year.add_targets().await;
        for schedule in plan(&sales(), "Europe/Berlin", &[named("drive"), named("offsite")]) {
            year.test.console.perform(&actor(Role::Lead), AddSchedule { schedule }).await.expect("a schedule");
        }
        year
    }

    async fn add_targets(&self) {
        let drive = Place::Directory { path: self.disk.path().join("drive").display().to_string(), mounted: false };
        let offsite = Place::S3(S3 {
            endpoint: format!("http://127.0.0.1:{}", self.store.port),
            region: "us-east-1".into(),
            bucket: BUCKET.into(),
            prefix: "neo4j".into(),
            path_style: true,
            storage_class: String::new(),
            server_side_encryption: String::new(),
        });
        let keys = Keys { access_key: ACCESS.into(), secret_key: SECRET.into() };
        for add in [
            AddTarget { name: named("drive"), place: drive, keys: None, recipients: vec![] },
            AddTarget { name: named("offsite"), place: offsite, keys: Some(keys), recipients: vec![] },
        ] {
            self.test.console.perform(&actor(Role::Admin), add).await.expect("a target");
        }
    }

    /// Looks each half hour in the night, when there is something to do, and each three hours by day.
    async fn until(&self, end: &str) {
        let clock = &self.test.clock;
        while clock.now() < utc(end) {
            let now = clock.now();
            assert!(self.test.look_at_schedules().await.expect("a look") <= 1, "two jobs meet");
            clock.set(now + if (6..21).contains(&now.hour()) { TimeDelta::hours(3) } else { TimeDelta::minutes(30) });
        }
    }

    /// Month and day of the bundles in a directory, sorted.
    fn bundles(&self, place: &str) -> Vec<String> {
        let found = std::fs::read_dir(self.disk.path().join(place))
            .expect("a directory")
            .map(|entry| entry.expect("an entry").path());
        days(
            found
                .filter(|path| path.join("manifest.json").exists())
                .filter_map(|path| path.file_name()?.to_str().map(str::to_string)),
        )
    }

    /// The same of the store, which keeps the empty folders of what was removed.
    async fn in_store(&self) -> Vec<String> {
        let mut found = Vec::new();
        for folder in self.store.files("neo4j").await {
            let mut inside = Vec::new();
            for below in ["", "/dumps", "/conf"] {
                inside.extend(self.store.files(&format!("neo4j/{folder}{below}")).await);
            }
            // Folders have no dot in their names, all parts but one have.
            if inside.iter().any(|name| name.contains('.') || name == "SHA256SUMS") {
                found.push(folder);
            }
        }
        days(found.into_iter())
    }
}

/// `12-27` of `sales-20261227T031500Z-417`.
fn days(ids: impl Iterator<Item = String>) -> Vec<String> {
    let mut all: Vec<String> = ids.filter_map(|id| Some(format!("{}-{}", id.get(10..12)?, id.get(12..14)?))).collect();
    all.sort();
    all
}

fn not_hidden(place: &Path) -> usize {
    std::fs::read_dir(place)
        .expect("a directory")
        .filter(|entry| !entry.as_ref().expect("an entry").file_name().to_string_lossy().starts_with('.'))
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_of_the_plan_leaves_the_right_files_on_real_storage() {
    let mut year = Year::begin().await;
    year.until("2026-12-18T00:00:00Z").await;
    // The store is away over one weekly run: the copy on the drive is made all the same.
    year.store.stop();
    year.until("2026-12-22T00:00:00Z").await;
    year.store.start_again().await;
    year.until("2027-01-01T00:00:00Z").await;

    assert_eq!(
        year.bundles("own"),
        ["12-25", "12-26", "12-27", "12-28", "12-29", "12-30", "12-31"],
        "daily for 7 days"
    );
    assert_eq!(
        year.bundles("drive"),
        ["11-01", "12-01", "12-06", "12-13", "12-20", "12-27"],
        "weekly for 30 days, monthly for 90"
    );
    assert_eq!(
        year.in_store().await,
        ["11-01", "12-01", "12-06", "12-13", "12-27"],
        "as on the drive, but the one of the week it was away"
    );
    assert_eq!(
        (not_hidden(&year.disk.path().join("own")), not_hidden(&year.disk.path().join("drive"))),
        (7, 6),
        "and nothing else"
    );
    assert_eq!(year.store.unfinished().await, Vec::<String>::new());
    each_copy_is_what_it_says(&year).await;
}

/// What the console says of each backup that is left is what lies there.
async fn each_copy_is_what_it_says(year: &Year) {
    let viewer = actor(Role::Viewer);
    let list = ListBackups { deployment: Some(sales()), search: Search::default(), page: 1 };
    let list = year.test.console.ask(&viewer, list).await.expect("a list");
    assert_eq!(list.total, 7 + 6);
    for backup in list.items {
        let detail =
            year.test.console.ask(&viewer, GetBackup { backup: backup.brief.id.clone() }).await.expect("a backup");
        let away = detail.manifest.made_at.format("%m-%d").to_string() == "12-20" && detail.copies.len() == 2;
        for copy in detail.copies {
            let expected =
                if away && copy.target == named("offsite") { CopyState::Failed } else { CopyState::Verified };
            assert_eq!(copy.state, expected, "{}: {copy:?}", backup.brief.id);
        }
    }
}
