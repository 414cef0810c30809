//! One console and one server for all points: what a kind of job needs before it, how it is started, what must be true
//! after it.

use crate::live_changes::is_alone;
use crate::live_jobs::{adopted, assert_clean, backup, restore_body};
use crate::live_targets::{pairs, states};
use domain::job::Kind;
use ops::console::fault_point::{FaultPoint, Moment};
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};
use tests::console_process::ConsoleProcess;
use tests::docker::docker;
use tests::neo4j::Neo4j;
use tests::turns::{Turn, own_server_first};

const NODES: u64 = 300;

pub struct Story {
    neo4j: Neo4j,
    console: ConsoleProcess,
    /// Of [`NODES`].
    backup: String,
    _data: tempfile::TempDir,
    _turn: Turn,
}

/// What one job is about.
#[derive(Default)]
struct Subject {
    /// The restore whose data is set aside.
    restore: i64,
    /// The new deployment.
    name: String,
    /// Backups of a schedule that keeps one: the older, the newer.
    scheduled: Vec<String>,
    started_at: String,
    /// Asked for by a change.
    heap: String,
    /// When nothing happens.
    nodes: u64,
}

impl Story {
    pub async fn begin() -> Self {
        let turn = own_server_first().await;
        let neo4j = Neo4j::start("5.26.5", "killed").await;
        neo4j.fill(NODES).await;
        let (console, data) = adopted(&neo4j).await;
        let backup = backup(&console).await;
        Self { neo4j, console, backup, _data: data, _turn: turn }
    }

    pub fn end(self) {
        self.neo4j.remove();
    }

    pub async fn kill_at(&mut self, point: &FaultPoint) {
        let subject = self.set(point).await;
        let queued = self.queue_by_hand(point.kind, &subject).await;
        self.console.start_holding_at(&point.to_string()).await;
        let job = match queued {
            Some(job) => job,
            None => self.start(point.kind, &subject).await,
        };
        self.console.kill_where_it_is_held().await;
        self.console.start_again().await;
        let end = self.console.finish(job).await;
        self.check(point, &subject, &end).await;
        assert_clean(docker(), &self.console);
        self.put_in_order(&subject).await;
    }

    async fn set(&self, point: &FaultPoint) -> Subject {
        let mut subject = Subject {
            name: format!("test-{}", point.to_string().replace(['.', '_'], "-")),
            nodes: NODES,
            ..Subject::default()
        };
        match point.kind {
            Kind::Restore => subject.nodes = self.lose().await,
            Kind::UndoRestore | Kind::RemoveSetAside => {
                self.lose().await;
                subject.restore =
                    self.console.job("/deployments/graph/restore", restore_body(&self.backup, true)).await;
                let end = self.console.finish(subject.restore).await;
                assert_eq!(end["state"], "succeeded", "{end}");
            }
            Kind::Prune => {
                let schedule = json!({ "name": "often", "cron": "0 3 1 1 *", "time_zone": "UTC", "targets": ["local"], "keep": { "count": 1 } });
                let (status, answer) = self.console.post("/deployments/graph/schedules", schedule).await;
                assert!(status == 201 || answer.to_string().contains("often"), "{answer}");
                subject.scheduled = vec![backup(&self.console).await, backup(&self.console).await];
            }
            Kind::Start => drop(docker().run(&["stop", "-t", "120", &self.neo4j.name])),
            Kind::Backup
            | Kind::RestoreAsNew
            | Kind::Verify
            | Kind::Drill
            | Kind::Rehearsal
            | Kind::ProveDump
            | Kind::Stop
            | Kind::Restart
            | Kind::Change
            | Kind::CreateDeployment => {}
            Kind::DeleteDeployment => {
                let job = self.start(Kind::CreateDeployment, &subject).await;
                let end = self.console.finish(job).await;
                assert_eq!(end["state"], "succeeded", "{end}");
            }
        }
        // Another value each time: what is so already is no change.
        subject.heap = format!("{}m", 300 + point.to_string().bytes().map(u64::from).sum::<u64>() % 97);
        subject.started_at = self.started_at();
        subject
    }

    /// One node that no backup has.
    async fn lose(&self) -> u64 {
        self.neo4j.cypher("MATCH (n) DETACH DELETE n").await;
        self.neo4j.cypher("CREATE (:Later)").await;
        1
    }

    fn started_at(&self) -> String {
        docker().run(&["inspect", "-f", "{{.State.StartedAt}}", &self.neo4j.name])
    }

    /// Jobs that the API does not start: they lie in the database when the console begins.
    async fn queue_by_hand(&mut self, kind: Kind, subject: &Subject) -> Option<i64> {
        let params = match kind {
            Kind::RemoveSetAside => json!({ "restore": subject.restore }),
            Kind::Prune => json!({}),
            Kind::Backup
            | Kind::Restore
            | Kind::RestoreAsNew
            | Kind::UndoRestore
            | Kind::Verify
            | Kind::Drill
            | Kind::Rehearsal
            | Kind::ProveDump
            | Kind::Start
            | Kind::Stop
            | Kind::Restart
            | Kind::Change
            | Kind::CreateDeployment
            | Kind::DeleteDeployment => return None,
        };
        self.console.kill();
        let options = SqliteConnectOptions::new().filename(self.console.data.join("console.db"));
        let mut database = SqliteConnection::connect_with(&options).await.expect("opened");
        for id in &subject.scheduled {
            sqlx::query("UPDATE backups SET schedule = 'often' WHERE id = ?")
                .bind(id)
                .execute(&mut database)
                .await
                .expect("written");
        }
        // Queued now: a clean-up of long ago would make the next one due at once.
        let job = sqlx::query(
            "INSERT INTO jobs (kind, deployment, state, live, params, by, reason, created_at) VALUES (?, (SELECT id FROM deployments WHERE name = 'graph'), 'queued', 1, ?, 'test', '', unixepoch() * 1000)",
        );
        let job = job.bind(kind.as_str()).bind(params.to_string()).execute(&mut database).await.expect("written");
        Some(job.last_insert_rowid())
    }

    async fn start(&self, kind: Kind, subject: &Subject) -> i64 {
        let console = &self.console;
        match kind {
            Kind::Backup => console.job("/deployments/graph/backups", json!({})).await,
            Kind::Restore => console.job("/deployments/graph/restore", restore_body(&self.backup, true)).await,
            Kind::RestoreAsNew => {
                let body = json!({ "backup": self.backup, "reason": "a test", "include_users": false, "as_new": { "name": subject.name } });
                console.job("/deployments/graph/restore", body).await
            }
            Kind::UndoRestore => {
                let undo = format!("/deployments/graph/restores/{}/undo", subject.restore);
                console.job(&undo, json!({ "confirm": "graph", "reason": "a test" })).await
            }
            Kind::Verify => console.job(&format!("/backups/{}/verify", self.backup), json!({})).await,
            Kind::Drill => console.job("/deployments/graph/drills", json!({ "backup": self.backup })).await,
            Kind::Rehearsal => {
                console.job("/deployments/graph/rehearsals", json!({ "image": "fast/neo4j:2026.05.0-community" })).await
            }
            Kind::ProveDump => {
                let dump = std::fs::read(console.data.join("backups").join(&self.backup).join("dumps/neo4j.dump"))
                    .expect("the dump");
                let (status, answer) = console.upload("/uploads?deployment=graph", dump).await;
                assert_eq!(status, 201, "{answer}");
                answer["job"].as_i64().expect("a job")
            }
            Kind::Start | Kind::Stop | Kind::Restart => {
                console.job(&format!("/deployments/graph/{}", kind.as_str()), json!({})).await
            }
            Kind::Change => {
                let body = json!({ "kind": "memory", "heap": subject.heap, "page_cache": "64m", "reason": "a test" });
                console.job("/deployments/graph/changes", body).await
            }
            Kind::CreateDeployment => {
                let body = json!({
                    "name": subject.name, "image": "fast/neo4j:5.26.5-community", "limit": "1g", "heap": "256m",
                    "page_cache": "64m", "password": "another horse",
                });
                console.job("/deployments/new", body).await
            }
            Kind::DeleteDeployment => {
                console.delete_job(&format!("/deployments/{}", subject.name), json!({ "confirm": subject.name })).await
            }
            Kind::RemoveSetAside | Kind::Prune => unreachable!("queued by hand"),
        }
    }

    async fn check(&self, point: &FaultPoint, subject: &Subject, end: &Value) {
        let done = match (end["state"].as_str(), point.moment) {
            (Some("succeeded"), _) => true,
            // What the engine was doing for the dead console may meet what the new one asks of it: then all is as
            // before.
            (Some("failed" | "rolled_back"), Moment::Acting) => false,
            _ => panic!("{point}: {end}"),
        };
        if point.kind == Kind::Stop && done {
            assert_eq!(
                docker().run(&["inspect", "-f", "{{.State.Running}}", &self.neo4j.name]).trim(),
                "false",
                "{point}"
            );
            return;
        }
        let nodes = match point.kind {
            Kind::Restore if done => NODES,
            Kind::UndoRestore if done => 1,
            Kind::Backup
            | Kind::Restore
            | Kind::RestoreAsNew
            | Kind::UndoRestore
            | Kind::RemoveSetAside
            | Kind::Verify
            | Kind::Drill
            | Kind::Rehearsal
            | Kind::ProveDump
            | Kind::Start
            | Kind::Stop
            | Kind::Restart
            | Kind::Change
            | Kind::CreateDeployment
            | Kind::DeleteDeployment
            | Kind::Prune => subject.nodes,
        };
        self.neo4j.wait_ready().await;
        assert_eq!(self.neo4j.count().await, nodes, "{point}: {end}");
        self.check_the_rest(point, subject, end, done).await;
    }

    async fn check_the_rest(&self, point: &FaultPoint, subject: &Subject, end: &Value, done: bool) {
        let (console, untouched) = (&self.console, self.started_at() == subject.started_at);
        match point.kind {
            Kind::Backup if done => {
                let id = end["result"]["backup"].as_str().expect("a backup");
                assert_eq!(
                    states(&console.get(&format!("/backups/{id}")).await.1),
                    pairs(&[("local", "verified")]),
                    "{point}"
                );
            }
            Kind::RestoreAsNew if done => assert_eq!(Neo4j::running(&subject.name).count().await, NODES, "{point}"),
            Kind::RemoveSetAside if done => {
                let listed = docker().run(&[
                    "exec",
                    &self.neo4j.name,
                    "find",
                    "/data/.neo4j-console",
                    "-name",
                    &format!("restore-*-{}", subject.restore),
                ]);
                assert_eq!(listed.trim(), "", "{point}: it is still there");
            }
            Kind::Prune if done => {
                let [old, new] = &subject.scheduled[..] else { panic!("two backups") };
                assert_eq!(console.get(&format!("/backups/{old}")).await.0, 404, "{point}: {end}");
                assert!(!console.data.join("backups").join(old).exists(), "{point}: {end}");
                assert_eq!(
                    states(&console.get(&format!("/backups/{new}")).await.1),
                    pairs(&[("local", "verified")]),
                    "{point}"
                );
            }
            Kind::Change => self.one_container(point, subject, done).await,
            Kind::CreateDeployment => self.whole_or_nothing(point, subject, done).await,
            Kind::DeleteDeployment => self.whole_or_nothing(point, subject, !done).await,
            Kind::ProveDump if done => assert_eq!(end["result"]["nodes"], json!(NODES), "{point}"),
            Kind::Backup
            | Kind::RestoreAsNew
            | Kind::RemoveSetAside
            | Kind::Prune
            | Kind::ProveDump
            | Kind::Restore
            | Kind::UndoRestore
            | Kind::Verify
            | Kind::Drill
            | Kind::Rehearsal
            | Kind::Start
            | Kind::Stop
            | Kind::Restart => {}
        }
        match point.kind {
            Kind::Backup
            | Kind::Restore
            | Kind::UndoRestore
            | Kind::Start
            | Kind::Stop
            | Kind::Restart
            | Kind::Change => {}
            Kind::RestoreAsNew
            | Kind::RemoveSetAside
            | Kind::Verify
            | Kind::Drill
            | Kind::Rehearsal
            | Kind::ProveDump
            | Kind::CreateDeployment
            | Kind::DeleteDeployment
            | Kind::Prune => {
                assert!(untouched, "{point}: the server was stopped or started");
            }
        }
    }

    /// A deployment of its own, which runs and is known, or is neither.
    async fn whole_or_nothing(&self, point: &FaultPoint, subject: &Subject, there: bool) {
        let (wanted, path) = (if there { 200 } else { 404 }, format!("/deployments/{}", subject.name));
        // The removal follows the end of the job.
        let answer = self.console.get_until(&path, wanted).await;
        assert_eq!(answer.0, wanted, "{point}: {}", answer.1);
        let running = docker().run(&["ps", "--format", "{{.Names}}", "--filter", &format!("name={}", subject.name)]);
        assert_eq!(running.lines().any(|name| name == subject.name), there, "{point}");
    }

    /// As planned, or as before; the other one is gone.
    async fn one_container(&self, point: &FaultPoint, subject: &Subject, done: bool) {
        let env = docker().run(&["inspect", "-f", "{{json .Config.Env}}", &self.neo4j.name]);
        let heap = format!("NEO4J_server_memory_heap_max__size={}", subject.heap);
        assert_eq!(env.contains(&heap), done, "{point}: {env}");
        is_alone(&self.neo4j).await;
    }

    /// The next point begins as the first did.
    async fn put_in_order(&self, subject: &Subject) {
        let _none = docker().command().args(["rm", "-f", "-v", &subject.name]).output();
        for volume in ["data", "logs"].map(|of| format!("{}-{of}", subject.name)) {
            let _none = docker().command().args(["volume", "rm", "-f", &volume]).output();
        }
        docker().run(&["start", &self.neo4j.name]);
        self.neo4j.wait_ready().await;
        docker().run(&["exec", &self.neo4j.name, "rm", "-rf", "/data/.neo4j-console"]);
        if self.neo4j.count().await != NODES {
            self.neo4j.fill(NODES).await;
        }
    }
}
