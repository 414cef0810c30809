use super::{AcceptDrift, ApplyChange, Consent, GetChange, ListDrift, PlanChange, StartChange, Wanted};
use crate::background::observer::look;
use crate::jobs::stage::{Stage, sales};
use crate::testing::actor;
use crate::use_cases::deployments::{GetOverview, ListDeployments};
use domain::change::{ChangeId, Drift, MemoryWanted};
use domain::container::Container;
use domain::job::{JobId, State};
use domain::member::Role;
use domain::text::Reason;

const GIB: u64 = 1 << 30;

/// The background's own look at the deployment.
async fn looked(stage: &Stage) {
    let state = &stage.test.console.state;
    let row = state.store.deployment(&sales()).await.expect("adopted");
    look(state, &row).await.expect("looked");
}

async fn drift(stage: &Stage) -> Vec<Drift> {
    looked(stage).await;
    stage.test.console.ask(&actor(Role::Viewer), ListDrift { deployment: sales() }).await.expect("asked")
}

async fn parts(stage: &Stage) -> Vec<String> {
    drift(stage).await.into_iter().map(|one| one.what).collect()
}

async fn changed_outside(stage: &Stage, change: impl FnOnce(&mut Container)) {
    looked(stage).await;
    stage.test.world.change("sales", change);
}

async fn finished(stage: &Stage, job: JobId) {
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, State::Succeeded, "{:?}", view.problem);
}

#[tokio::test]
async fn what_somebody_changed_outside_is_found_told_and_accepted() {
    let stage = Stage::new().await;
    assert_eq!(parts(&stage).await, Vec::<String>::new());
    changed_outside(&stage, |c| {
        c.memory_limit = Some(2 * GIB);
        c.env.retain(|(name, _)| name != "NEO4J_AUTH");
        c.env.push(("NEO4J_AUTH".into(), "neo4j/another secret".into()));
    })
    .await;
    assert_eq!(parts(&stage).await, ["NEO4J_AUTH", "Memory limit"]);
    let overview =
        stage.test.console.ask(&actor(Role::Viewer), GetOverview { deployment: sales() }).await.expect("seen");
    let found = overview.findings.iter().find(|finding| finding.code == "drift").expect("a finding");
    assert!(found.why.contains("NEO4J_AUTH, Memory limit"), "{found:?}");
    let list = stage.test.console.ask(&actor(Role::Viewer), ListDeployments {}).await.expect("a list");
    assert!(list[0].worst.is_some(), "it is seen from the list");

    let accept = || AcceptDrift { deployment: sales() };
    stage.test.console.perform(&actor(Role::Lead), accept()).await.expect_err("an admin's");
    stage.test.console.perform(&actor(Role::Admin), accept()).await.expect("accepted");
    assert_eq!(parts(&stage).await, Vec::<String>::new());
    let again = stage.test.console.perform(&actor(Role::Admin), accept()).await.expect_err("nothing").problem();
    assert!(again.title.contains("nothing to accept"), "{again}");
}

#[tokio::test]
async fn what_can_be_put_back_is_put_back_by_a_plan_and_the_rest_is_said() {
    let stage = Stage::new().await;
    changed_outside(&stage, |c| {
        c.memory_limit = Some(2 * GIB);
        c.labels.insert("somebody.else".into(), "was here".into());
    })
    .await;
    looked(&stage).await;
    let plan = PlanChange { deployment: sales(), wanted: Wanted::RevertDrift, reason: Reason::default() };
    let change = stage.test.console.perform(&actor(Role::Admin), plan).await.expect("planned");
    let detail = stage.test.console.ask(&actor(Role::Viewer), GetChange { deployment: sales(), change }).await;
    let entry = detail.expect("a change").entry;
    assert_eq!((entry.plan.summary.as_str(), entry.plan.warnings.len()), ("Revert 1 change from outside", 1));
    let apply =
        ApplyChange { deployment: sales(), change: ChangeId(1), digest: entry.digest, consent: Consent::default() };
    finished(&stage, stage.test.console.perform(&actor(Role::Admin), apply).await.expect("queued")).await;
    assert_eq!(stage.test.world.container("sales").expect("a container").memory_limit, None);
    assert_eq!(parts(&stage).await, Vec::<String>::new(), "a change that was applied is what is meant");
}

#[tokio::test]
async fn what_the_console_changed_itself_is_no_drift_and_a_job_at_work_is_none() {
    let stage = Stage::new().await;
    looked(&stage).await;
    let wanted = Wanted::Memory(MemoryWanted::parse("600m", "1g", "4g", "", None).expect("sizes"));
    let start = StartChange { deployment: sales(), wanted, reason: Reason::default(), consent: Consent::default() };
    let (_, job) = stage.test.console.perform(&actor(Role::Admin), start).await.expect("queued");
    stage.test.drive(job, 5).await.expect("the store works");
    assert_eq!(parts(&stage).await, Vec::<String>::new(), "in mid-job");
    finished(&stage, job).await;
    assert_eq!(parts(&stage).await, Vec::<String>::new());
}
