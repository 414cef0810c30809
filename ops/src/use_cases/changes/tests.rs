use super::{
    ApplyChange, ChangeDetail, Consent, GetChange, GetMemory, ListChanges, PlanChange, PreviewChange, StartChange,
    Wanted,
};
use crate::error::Error;
use crate::jobs::stage::{Stage, sales};
use crate::testing::actor;
use crate::use_cases::deployments::Discover;
use domain::change::{ChangeId, LimitWanted, MemoryWanted, State};
use domain::container::{Container, RestartPolicy, RunState};
use domain::job::{JobView, State as JobState, StepState};
use domain::member::Role;
use domain::problem::ProblemKind;
use domain::text::Reason;

const HEAP: &str = "NEO4J_server_memory_heap_max__size";
const GIB: u64 = 1 << 30;

fn memory(heap: &str, limit: &str) -> Wanted {
    Wanted::Memory(MemoryWanted::parse(heap, "1g", limit, "", None).expect("sizes"))
}

fn reason() -> Reason {
    Reason::optional("it was slow").expect("a reason")
}

async fn planned(stage: &Stage, wanted: Wanted) -> ChangeDetail {
    let plan = PlanChange { deployment: sales(), wanted, reason: reason() };
    let id = stage.test.console.perform(&actor(Role::Admin), plan).await.expect("planned");
    detail(stage, id).await
}

async fn detail(stage: &Stage, change: ChangeId) -> ChangeDetail {
    stage.test.console.ask(&actor(Role::Viewer), GetChange { deployment: sales(), change }).await.expect("a change")
}

async fn apply(stage: &Stage, change: &ChangeDetail) -> Result<JobView, Error> {
    let apply = ApplyChange {
        deployment: sales(),
        change: change.entry.id,
        digest: change.entry.digest.clone(),
        consent: Consent::default(),
    };
    let job = stage.test.console.perform(&actor(Role::Admin), apply).await?;
    Ok(stage.finish(job).await)
}

/// Planned and applied, and how its job ended.
async fn changed(stage: &Stage, wanted: Wanted) -> JobView {
    apply(stage, &planned(stage, wanted).await).await.expect("applied")
}

fn container(stage: &Stage) -> Container {
    stage.test.world.container("sales").expect("a container")
}

fn heap(stage: &Stage) -> Option<String> {
    container(stage).env_value(HEAP).map(str::to_owned)
}

#[tokio::test]
async fn a_change_is_planned_applied_listed_and_taken_back() {
    let stage = Stage::new().await;
    let before = container(&stage);
    let plan = planned(&stage, memory("600m", "4g")).await;
    assert_eq!((plan.stale, plan.entry.state, heap(&stage)), (false, State::Planned, None), "nothing is done yet");
    let view = apply(&stage, &plan).await.expect("applied");
    assert_eq!(view.brief.state, JobState::Succeeded, "{:?}", view.problem);
    assert!(view.result.is_some_and(|result| result.offline_ms.is_some()));
    let now = container(&stage);
    assert_eq!((heap(&stage).as_deref(), now.memory_limit), (Some("600m"), Some(4 * GIB)));
    assert_eq!((&now.mounts, &now.ports, now.restart), (&before.mounts, &before.ports, before.restart));
    assert_eq!(stage.test.world.servers(), ["sales"], "the old one is removed after the job");
    assert_eq!(stage.nodes(), 3);

    let view = changed(&stage, Wanted::Revert(plan.entry.id)).await;
    assert_eq!(view.brief.state, JobState::Succeeded, "{:?}", view.problem);
    assert_eq!(container(&stage).env, before.env);
    assert_eq!(container(&stage).memory_limit, None);
    let list = ListChanges { deployment: sales(), page: 1 };
    let list = stage.test.console.ask(&actor(Role::Viewer), list).await.expect("a list");
    let told: Vec<_> = list.items.iter().map(|c| (c.state.words(), c.reverts, c.reason.as_str())).collect();
    assert_eq!(told, [("Applied", Some(plan.entry.id), "it was slow"), ("Applied", None, "it was slow")]);
}

#[tokio::test]
async fn a_limit_alone_is_changed_while_neo4j_runs() {
    let stage = Stage::new().await;
    changed(&stage, memory("600m", "4g")).await;
    let (id, moved) = (container(&stage).id, stage.test.world.times_moved("sales"));
    let view = changed(&stage, memory("600m", "5g")).await;
    assert_eq!(view.brief.state, JobState::Succeeded, "{:?}", view.problem);
    assert_eq!(view.steps.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["check", "limit", "verify"]);
    assert_eq!((container(&stage).id, container(&stage).memory_limit), (id, Some(5 * GIB)));
    assert_eq!(stage.test.world.times_moved("sales"), moved);
}

#[tokio::test]
async fn a_server_that_does_not_come_up_leaves_the_old_one_running_and_says_why() {
    for (out_of_memory, said) in [(true, "took more memory than the container's limit"), (false, "ended right after")] {
        let stage = Stage::new().await;
        let before = container(&stage);
        stage.test.world.break_with_variable(HEAP, "2g", out_of_memory, "INFO Starting\nInvalid maximum heap size");
        let view = changed(&stage, memory("2g", "4g")).await;
        assert_eq!(view.brief.state, JobState::RolledBack, "{:?}", view.problem);
        let problem = view.problem.expect("a problem").to_string();
        assert!(problem.contains(said), "{problem}");
        assert!(view.log.iter().any(|line| line.text == "Invalid maximum heap size"), "{:?}", view.log);
        let now = container(&stage);
        assert_eq!((now.id, now.restart, heap(&stage)), (before.id, before.restart, None));
        assert!(now.run.is_running());
        assert_eq!(stage.test.world.servers(), ["sales"]);
    }
}

#[tokio::test]
async fn settings_that_are_not_in_effect_are_told_and_the_old_server_runs_again() {
    let stage = Stage::new().await;
    stage.test.world.set_setting("server.memory.heap.max_size", "512m");
    let view = changed(&stage, memory("600m", "4g")).await;
    assert_eq!(view.brief.state, JobState::RolledBack);
    let problem = view.problem.expect("a problem").to_string();
    assert!(problem.contains("server.memory.heap.max_size is 512.00MiB instead of 600m"), "{problem}");
    assert_eq!((heap(&stage), stage.test.world.servers()), (None, vec!["sales".to_string()]));
}

#[tokio::test]
async fn what_neo4j_refuses_is_found_before_it_is_stopped() {
    let stage = Stage::new().await;
    let output = "Error: 'x' is not a valid size.\nConfiguration file validation failed.";
    stage.test.world.end_helper("validate-config", 78, output);
    let moved = stage.test.world.times_moved("sales");
    let view = changed(&stage, memory("600m", "4g")).await;
    let problem = view.problem.expect("a problem").to_string();
    assert_eq!(view.brief.state, JobState::Failed);
    assert!(
        problem.contains("Neo4j refuses these settings.") && problem.contains("'x' is not a valid size"),
        "{problem}"
    );
    assert_eq!(stage.test.world.times_moved("sales"), moved);
}

#[tokio::test]
async fn what_a_setting_may_be_that_neo4j_does_not_know_is_said() {
    let stage = Stage::new().await;
    stage.test.world.set_setting("server.memory.heap.max_size", "1g");
    let unknown = "No declared setting with name: server.memory.heap.max_sizes. Cleanup the config";
    let output = format!("Error: Unrecognized setting. {unknown}\nConfiguration file validation failed.");
    stage.test.world.end_helper("validate-config", 78, &output);
    let view = changed(&stage, memory("600m", "4g")).await;
    let problem = view.problem.expect("a problem");
    let meant = "Instead of server.memory.heap.max_sizes, did you mean server.memory.heap.max_size?";
    assert_eq!(problem.next_steps[0], meant, "{problem}");
}

#[tokio::test]
async fn a_stale_plan_is_refused_and_a_plan_is_applied_once() {
    let stage = Stage::new().await;
    let plan = planned(&stage, memory("600m", "4g")).await;
    stage.test.world.change("sales", |c| c.memory_limit = Some(8 * GIB));
    assert!(detail(&stage, plan.entry.id).await.stale);
    let refused = apply(&stage, &plan).await.expect_err("refused").problem();
    assert_eq!(refused.kind, ProblemKind::Conflict);
    assert!(refused.title.contains("changed since"), "{refused}");

    let plan = planned(&stage, memory("600m", "4g")).await;
    let wrong =
        ApplyChange { deployment: sales(), change: plan.entry.id, digest: "0".into(), consent: Consent::default() };
    let refused = stage.test.console.perform(&actor(Role::Admin), wrong).await.expect_err("refused").problem();
    assert!(refused.title.contains("not the plan of that change"), "{refused}");
    apply(&stage, &plan).await.expect("applied");
    let again = apply(&stage, &plan).await.expect_err("refused").problem();
    assert!(again.title.contains("applied or tried before"), "{again}");
}

#[tokio::test]
async fn a_plan_that_went_stale_in_the_queue_does_nothing() {
    let stage = Stage::new().await;
    let start = StartChange {
        deployment: sales(),
        wanted: memory("600m", "4g"),
        reason: reason(),
        consent: Consent::default(),
    };
    let (_, job) = stage.test.console.perform(&actor(Role::Admin), start).await.expect("queued");
    stage.test.world.change("sales", |c| c.memory_limit = Some(8 * GIB));
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, JobState::Failed);
    assert!(view.problem.expect("a problem").title.contains("changed since"));
    assert_eq!(heap(&stage), None);
}

#[tokio::test]
async fn nothing_to_change_what_does_not_fit_and_a_foreign_owner_are_refused() {
    let stage = Stage::new().await;
    let preview = async |heap: &str, limit: &str| {
        let preview = PreviewChange { deployment: sales(), wanted: memory(heap, limit) };
        stage.test.console.ask(&actor(Role::Admin), preview).await.map_err(|error| error.problem())
    };
    let problem = preview("4g", "4g").await.expect_err("refused");
    assert_eq!((problem.kind, problem.fields[0].field.as_str()), (ProblemKind::Invalid, "heap"));
    let too_large = preview("1g", "17g").await.expect_err("the host has 16 GiB");
    assert_eq!(too_large.fields[0].field, "limit");
    changed(&stage, memory("600m", "4g")).await;
    let nothing = preview("600m", "").await.expect_err("refused");
    assert!(nothing.title.contains("nothing to change"), "{nothing}");

    stage.test.world.change("sales", |c| {
        c.labels.insert("com.docker.compose.project".into(), "shop".into());
    });
    let plan = planned(&stage, memory("1g", "4g")).await;
    assert!(plan.not_here.clone().is_some_and(|problem| problem.title.contains("compose project shop")));
    let refused = apply(&stage, &plan).await.expect_err("refused").problem();
    assert!(refused.next_steps[0].contains("compose file"), "{refused:?}");
}

#[tokio::test]
async fn a_server_that_ran_out_of_memory_is_brought_up_by_a_change() {
    for run in [RunState::Stopped { exit_code: 137, out_of_memory: true }, RunState::Restarting] {
        let stage = Stage::new().await;
        stage.test.world.change("sales", |c| c.run = run.clone());
        let view = changed(&stage, memory("600m", "4g")).await;
        assert_eq!(view.brief.state, JobState::Succeeded, "{run:?}: {:?}", view.problem);
        assert!(container(&stage).run.is_running());
        assert_eq!(container(&stage).restart, RestartPolicy::Always);
    }
}

#[tokio::test]
async fn data_inside_the_container_is_not_lost_by_a_new_one() {
    let stage = Stage::new().await;
    stage.test.world.change("sales", |c| c.mounts.clear());
    let view = changed(&stage, memory("600m", "4g")).await;
    assert_eq!(view.brief.state, JobState::Failed);
    let problem = view.problem.expect("a problem").to_string();
    assert!(problem.contains("Nothing is mounted at /data"), "{problem}");
}

/// A job that has done so many steps.
async fn driven(stage: &Stage, steps: usize) -> domain::job::JobId {
    let start = StartChange {
        deployment: sales(),
        wanted: memory("600m", "4g"),
        reason: reason(),
        consent: Consent::default(),
    };
    let (_, job) = stage.test.console.perform(&actor(Role::Admin), start).await.expect("queued");
    stage.test.drive(job, steps).await.expect("the store works");
    job
}

#[tokio::test]
async fn whoever_removes_a_container_in_mid_job_finds_a_server_running_in_the_end() {
    // The new one, before it took the place of the old one: check, validate, create.
    let stage = Stage::new().await;
    let job = driven(&stage, 3).await;
    stage.test.world.remove_container("sales-after-change-1");
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, JobState::RolledBack);
    assert!(view.problem.expect("a problem").title.contains("somebody removed it"));
    assert!(container(&stage).run.is_running());
    assert_eq!((heap(&stage), stage.test.world.servers()), (None, vec!["sales".to_string()]));

    // The old one, after the switch, and then the new one does not come up: it cannot be worse than it is.
    let stage = Stage::new().await;
    let job = driven(&stage, 5).await;
    stage.test.world.remove_container("sales-before-change-1");
    stage.test.world.set_setting("server.memory.heap.max_size", "512m");
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, JobState::RolledBack, "{:?}", view.problem);
    assert!(view.log.iter().any(|line| line.text.contains("The new one stays")), "{:?}", view.log);
    assert!(container(&stage).run.is_running());
    assert_eq!((heap(&stage).as_deref(), stage.test.world.servers()), (Some("600m"), vec!["sales".to_string()]));

    // Somebody makes the deployment's container anew while the new one is made.
    let stage = Stage::new().await;
    let job = driven(&stage, 3).await;
    stage.test.world.remove_container("sales");
    stage.test.world.add_container_like("sales-after-change-1", "sales");
    stage.test.world.change("sales", |c| c.run = RunState::Running);
    let view = stage.finish(job).await;
    assert!(!matches!(view.brief.state, JobState::Succeeded | JobState::Stuck), "{:?}", view.problem);
    assert!(container(&stage).run.is_running());
    assert_eq!(stage.test.world.servers(), ["sales"], "{:?}", view.log);
}

#[tokio::test]
async fn neither_of_the_two_containers_of_a_change_is_offered_for_adoption() {
    let stage = Stage::new().await;
    let offered = async || {
        let found = stage.test.console.ask(&actor(Role::Admin), Discover { now: true }).await.expect("found");
        found.into_iter().map(|one| one.container).collect::<Vec<_>>()
    };
    let job = driven(&stage, 3).await;
    assert_eq!(stage.test.world.servers(), ["sales", "sales-after-change-1"]);
    assert_eq!(offered().await, Vec::<String>::new());
    stage.test.drive(job, 2).await.expect("the store works");
    assert_eq!(stage.test.world.servers(), ["sales", "sales-before-change-1"]);
    assert_eq!(offered().await, Vec::<String>::new());
}

#[tokio::test]
async fn memory_is_shown_beside_what_neo4j_recommends() {
    let stage = Stage::new().await;
    let ask = async |limit| {
        let memory = GetMemory { deployment: sales(), limit };
        stage.test.console.ask(&actor(Role::Viewer), memory).await.expect("memory")
    };
    let seen = ask(None).await;
    assert_eq!((seen.host, seen.total), (Some(16 * GIB), Some(16 * GIB)));
    assert_eq!(seen.recommended.map(|r| (r.heap, r.page_cache)), Some((5 * GIB, 7 * GIB)));
    let smaller = ask(Some(4 * GIB)).await;
    assert_eq!(smaller.recommended.map(|r| r.heap), Some(2 * GIB));
    let view = changed(
        &stage,
        Wanted::Memory(MemoryWanted {
            limit: LimitWanted::Bytes(4 * GIB),
            ..MemoryWanted::parse("600m", "1g", "", "", Some(true)).expect("sizes")
        }),
    )
    .await;
    assert!(view.steps.iter().all(|step| step.state == StepState::Done), "{:?}", view.problem);
    let now = ask(None).await;
    assert_eq!((now.total, now.last_offline_ms.is_some()), (Some(4 * GIB), true));
    let values = now.now.expect("values");
    assert_eq!((values.heap, values.exit_on_out_of_memory), (Some(600 << 20), true));
}
