//! Another image for a deployment: what is pulled, what is refused, and where its data is at each end.

use super::{
    ApplyChange, Consent, GetChange, ListChanges, PreviewChange, Rehearse, StartChange, StartRehearsal, Wanted,
};
use crate::error::Error;
use crate::jobs::change::IMAGE_PLAN;
use crate::jobs::stage::{Stage, sales};
use crate::testing::actor;
use crate::use_cases::audit::ListAudit;
use crate::use_cases::deployments::SetEnvironment;
use chrono::TimeDelta;
use domain::change::{ChangeId, ImageWanted, WITHOUT_REHEARSAL};
use domain::container::Container;
use domain::environment::Environment;
use domain::image::ImageReference;
use domain::job::{JobId, JobView, State as JobState};
use domain::member::Role;
use domain::text::Reason;
use ports::EngineError;

pub(super) const OLD: &str = "neo4j:5.15.0";
pub(super) const NEW: &str = "neo4j:5.26.5";
const TARBALL: &str = "NEO4J_TARBALL";
const OF_OLD: &str = "neo4j-community-5.15.0-unix.tar.gz";
const OF_NEW: &str = "neo4j-community-5.26.5-unix.tar.gz";

/// `sales` runs 5.15.0 and has a backup; a registry has other images.
pub(super) async fn stage() -> Stage {
    let stage = Stage::with_backup().await;
    let world = &stage.test.world;
    world.change("sales", |container| {
        container.image = OLD.into();
        container.image_env.push((TARBALL.into(), OF_OLD.into()));
        container.env.push((TARBALL.into(), OF_OLD.into()));
    });
    for image in [NEW, "neo4j:5.15.0-enterprise", "neo4j:4.4.40", "neo4j:latest", "team/graph:7"] {
        world.publish(image, 1 << 20);
    }
    stage
}

fn image(reference: &str) -> Wanted {
    let reference = ImageReference::parse(reference).expect("an image");
    Wanted::Image(ImageWanted { reference, accepts_licence: true })
}

async fn queue(stage: &Stage, reference: &str, without_rehearsal: &str) -> Result<JobId, Error> {
    let start = StartChange {
        deployment: sales(),
        wanted: image(reference),
        reason: Reason::default(),
        consent: Consent {
            without_rehearsal: Reason::optional(without_rehearsal).expect("a reason"),
            ..Consent::default()
        },
    };
    Ok(stage.test.console.perform(&actor(Role::Admin), start).await?.1)
}

async fn start(stage: &Stage, reference: &str) -> Result<JobView, Error> {
    let job = queue(stage, reference, "It is a test server.").await?;
    Ok(stage.finish(job).await)
}

pub(super) async fn changed(stage: &Stage, reference: &str) -> JobView {
    start(stage, reference).await.expect("started")
}

pub(super) fn container(stage: &Stage) -> Container {
    stage.test.world.container("sales").expect("a container")
}

pub(super) fn set_aside(stage: &Stage) -> Vec<String> {
    let paths = stage.test.world.paths("sales-data");
    paths.into_iter().filter(|path| path.starts_with("/.neo4j-console/")).collect()
}

#[tokio::test]
async fn an_upgrade_pulls_the_image_and_keeps_the_data_from_before() {
    let stage = stage().await;
    let nodes = stage.nodes();
    let view = changed(&stage, NEW).await;
    assert_eq!(view.brief.state, JobState::Succeeded, "{:?}", view.problem);
    let steps: Vec<&str> = view.steps.iter().map(|step| step.name.as_str()).collect();
    let all = ["check", "pull", "validate", "create", "stop", "set_aside", "copy", "switch", "start", "verify"];
    assert_eq!(steps, all);
    let now = container(&stage);
    assert_eq!((now.image.as_str(), now.env_value(TARBALL)), (NEW, Some(OF_NEW)));
    assert_eq!((stage.nodes(), now.run.is_running()), (nodes, true));
    assert!(!set_aside(&stage).is_empty(), "the data from before is there");
    let listed = stage.test.console.state.store.set_aside_jobs(&sales()).await.expect("a list");
    assert_eq!(listed, [view.brief.id], "and can be removed");
    assert_eq!(stage.test.world.servers(), ["sales"]);
}

#[tokio::test]
async fn a_new_version_that_does_not_come_up_gives_way_to_the_old_one_with_its_data() {
    let stage = stage().await;
    let (before, nodes) = (container(&stage), stage.nodes());
    stage.test.world.break_with_variable(TARBALL, OF_NEW, false, "Unrecognized setting");
    let view = changed(&stage, NEW).await;
    assert_eq!(view.brief.state, JobState::RolledBack, "{:?}", view.problem);
    assert!(view.log.iter().any(|line| line.text == "Unrecognized setting"), "{:?}", view.log);
    let now = container(&stage);
    assert_eq!((now.id, now.image, now.run.is_running()), (before.id, before.image, true));
    assert_eq!(stage.nodes(), nodes);
    assert_eq!(stage.test.world.servers(), ["sales"]);
    // It was started, so clients may have written to the copy.
    let kept = set_aside(&stage);
    assert!(kept.iter().all(|path| path.contains("/kept-")) && !kept.is_empty(), "{kept:?}");
    let listed = stage.test.console.state.store.set_aside_jobs(&sales()).await.expect("a list");
    assert_eq!(listed, [view.brief.id], "it can be removed");
}

#[tokio::test]
async fn enterprise_is_told_that_its_licence_was_accepted() {
    let stage = stage().await;
    let view = changed(&stage, "neo4j:5.15.0-enterprise").await;
    assert_eq!(view.brief.state, JobState::Succeeded, "{:?}", view.problem);
    assert_eq!(container(&stage).env_value("NEO4J_ACCEPT_LICENSE_AGREEMENT"), Some("yes"));
}

#[tokio::test]
async fn what_an_image_really_holds_is_seen_before_neo4j_is_stopped() {
    let stage = stage().await;
    let moved = stage.test.world.times_moved("sales");
    let ask = PreviewChange { deployment: sales(), wanted: image("neo4j:4.4.40") };
    let refused = stage.test.console.ask(&actor(Role::Admin), ask).await.expect_err("a downgrade");
    assert!(refused.problem().title.contains("cannot be changed to 4.4.40"), "{refused}");
    // Whoever leaves the official names tells nothing before the pull; of this one nothing is known afterwards either.
    let ask = PreviewChange { deployment: sales(), wanted: image("team/graph:7") };
    let refused = stage.test.console.ask(&actor(Role::Admin), ask).await.expect_err("it floats").problem();
    assert!(refused.fields[0].why.contains("for production"), "{refused}");
    let staging = SetEnvironment { deployment: sales(), environment: Environment::Staging };
    stage.test.console.perform(&actor(Role::Admin), staging).await.expect("set");
    let view = changed(&stage, "team/graph:7").await;
    assert_eq!(view.brief.state, JobState::Succeeded, "{:?}", view.problem);
    assert!(!set_aside(&stage).is_empty(), "so the worst is assumed");
    assert!(stage.test.world.times_moved("sales") > moved);
}

#[tokio::test]
async fn what_cannot_be_pulled_leaves_everything_as_it_is() {
    for (error, step) in [
        (EngineError::NotFound("it says why".into()), "Check name and tag"),
        (EngineError::Denied("it says why".into()), "Add a sign-in for its registry"),
        (EngineError::DiskFull("it says why".into()), "Free some space"),
        (EngineError::Unreachable("it says why".into()), "reaches the registry"),
    ] {
        let stage = stage().await;
        let (before, moved) = (container(&stage).id, stage.test.world.times_moved("sales"));
        stage.test.world.refuse_pulls(NEW, error);
        let view = changed(&stage, NEW).await;
        assert_eq!(view.brief.state, JobState::Failed, "{:?}", view.problem);
        let problem = view.problem.expect("a problem");
        assert_eq!(problem.title, "neo4j:5.26.5 could not be pulled.");
        assert!(problem.means.contains("it says why") && problem.next_steps[0].contains(step), "{problem:?}");
        assert_eq!((container(&stage).id, stage.test.world.times_moved("sales")), (before, moved));
    }
}

#[tokio::test]
async fn a_tag_that_is_another_image_by_now_is_not_used() {
    let stage = stage().await;
    stage.test.world.publish_tags("neo4j", &["5.26.5"]);
    let view = changed(&stage, NEW).await;
    assert_eq!(view.brief.state, JobState::Failed, "{:?}", view.problem);
    let problem = view.problem.expect("a problem").to_string();
    assert!(problem.contains("is another image than the planned one"), "{problem}");
    assert_eq!(container(&stage).image, OLD);
}

#[tokio::test]
async fn an_upgrade_wants_a_new_backup_and_room_for_a_copy() {
    let stage = stage().await;
    stage.test.world.set_free(1);
    let view = changed(&stage, NEW).await;
    let problem = view.problem.expect("a problem").to_string();
    assert!(problem.contains("no room for the copy"), "{problem}");
    let stage = Stage::new().await;
    stage.test.world.change("sales", |container| container.image_env.push((TARBALL.into(), OF_OLD.into())));
    stage.test.world.publish(NEW, 1);
    let view = changed(&stage, NEW).await;
    let problem = view.problem.expect("a problem").to_string();
    assert!(problem.contains("no verified backup"), "{problem}");
    assert!(container(&stage).run.is_running());
}

/// An upgrade that has done so many steps, on a stage of its own; the nodes there were before it.
async fn driven(steps: usize) -> (Stage, u64, JobId) {
    let stage = stage().await;
    let nodes = stage.nodes();
    let job = queue(&stage, NEW, "It is a test server.").await.expect("queued");
    stage.test.drive(job, steps).await.expect("the store works");
    (stage, nodes, job)
}

/// One version runs, on its own data.
fn is_sound(stage: &Stage, view: &JobView, nodes: u64, what: &str) {
    let (now, upgraded) = (container(stage), view.brief.state == JobState::Succeeded);
    assert_eq!(now.image, if upgraded { NEW } else { OLD }, "{what}: {:?}", view.problem);
    assert!(now.run.is_running(), "{what}: {:?}", view.problem);
    assert_eq!(stage.nodes(), nodes, "{what}");
    let kept = set_aside(stage).iter().any(|path| path.contains("/restore-"));
    assert_eq!(kept, upgraded, "{what}: the data from before is aside only after an upgrade");
    assert_eq!(stage.test.world.servers(), ["sales"], "{what}");
}

#[tokio::test]
async fn whatever_call_to_the_engine_fails_one_version_runs_on_its_own_data() {
    for n in 1.. {
        let (stage, nodes, job) = driven(0).await;
        stage.test.world.fail_call(n);
        let view = stage.finish(job).await;
        if stage.test.world.failure_is_ahead() {
            break;
        }
        is_sound(&stage, &view, nodes, &format!("call {n}"));
    }
}

#[tokio::test]
async fn a_console_that_dies_in_an_upgrade_goes_on_and_one_that_dies_of_it_gives_it_up() {
    for steps in 0..IMAGE_PLAN.len() {
        for deaths in 0..=3 {
            let (mut stage, nodes, job) = driven(steps).await;
            let view = stage.finish_after_deaths(job, deaths).await;
            let what = format!("{deaths} deaths after {steps} steps");
            assert_eq!(view.brief.state == JobState::Succeeded, deaths < 3, "{what}: {:?}", view.problem);
            is_sound(&stage, &view, nodes, &what);
        }
    }
}

pub(super) async fn rehearsed(stage: &Stage, rehearse: Rehearse) -> Result<(ChangeId, JobView), Error> {
    let start = StartRehearsal { deployment: sales(), rehearse };
    let (change, job) = stage.test.console.perform(&actor(Role::Admin), start).await?;
    Ok((change, stage.finish(job).await))
}

pub(super) fn of_image(reference: &str) -> Rehearse {
    let reference = ImageReference::parse(reference).expect("an image");
    Rehearse::Image(ImageWanted { reference, accepts_licence: false })
}

#[tokio::test]
async fn a_rehearsal_touches_nothing_and_stands_with_its_plan_which_is_then_applied() {
    let stage = stage().await;
    let (before, moved) = (container(&stage), stage.test.world.times_moved("sales"));
    let (change, view) = rehearsed(&stage, of_image(NEW)).await.expect("rehearsed");
    assert_eq!(view.brief.state, JobState::Succeeded, "{:?}", view.problem);
    assert_eq!(view.result.and_then(|result| result.nodes), Some(3), "as in the backup");
    assert_eq!((container(&stage), stage.test.world.times_moved("sales")), (before, moved));
    assert_eq!(stage.test.world.leftovers(), [""; 0]);
    let detail = stage.test.console.ask(&actor(Role::Viewer), GetChange { deployment: sales(), change }).await;
    let detail = detail.expect("a change");
    assert_eq!((detail.rehearsal.map(|job| job.id), detail.stale), (Some(view.brief.id), false));
    let (_, again) = rehearsed(&stage, Rehearse::Planned(change)).await.expect("rehearsed again");
    assert_eq!(again.brief.state, JobState::Succeeded, "{:?}", again.problem);
    let apply = ApplyChange { deployment: sales(), change, digest: detail.entry.digest, consent: Consent::default() };
    let job = stage.test.console.perform(&actor(Role::Admin), apply).await.expect("queued");
    assert_eq!(stage.finish(job).await.brief.state, JobState::Succeeded);
    assert_eq!(container(&stage).image, NEW);
    let late = rehearsed(&stage, Rehearse::Planned(change)).await.expect_err("it is applied");
    assert!(late.problem().title.contains("was changed since"), "{late}");
}

/// What the step that counts the copy says, and the log.
pub(super) fn proven(view: &JobView) -> (String, Vec<&str>) {
    let says = view.steps.iter().find(|step| step.name == "prove").map(|step| step.detail.clone());
    (says.unwrap_or_default(), view.log.iter().map(|line| line.text.as_str()).collect())
}

#[tokio::test]
async fn a_rehearsal_has_the_plugins_and_names_the_procedures_that_are_gone() {
    let stage = stage().await;
    let plugins = r#"["apoc","n10s"]"#;
    stage.test.world.change("sales", |container| container.env.push(("NEO4J_PLUGINS".into(), plugins.into())));
    let (_, view) = rehearsed(&stage, of_image(NEW)).await.expect("rehearsed");
    let (says, _) = proven(&view);
    assert!(says.contains("All procedures and functions of now are there. Not tried"), "{says}");
    assert!(says.ends_with("downloaded: n10s."), "{says}");

    stage.test.world.remove_procedure_from_copies("apoc.export.csv.all");
    let (_, view) = rehearsed(&stage, of_image(NEW)).await.expect("rehearsed");
    assert_eq!(view.brief.state, JobState::Succeeded, "it is for people to judge: {:?}", view.problem);
    let (says, log) = proven(&view);
    assert!(says.contains("1 procedure or function is gone: apoc.export.csv.all."), "{says}");
    assert!(log.contains(&"The new version does not have apoc.export.csv: all."), "{log:?}");
    assert_eq!(stage.test.world.leftovers(), [""; 0]);

    stage.test.world.set_silent(true);
    let (_, view) = rehearsed(&stage, of_image(NEW)).await.expect("rehearsed");
    assert!(proven(&view).0.contains("could not be asked"), "{:?}", view.steps);
}

#[tokio::test]
async fn a_rehearsal_that_fails_says_why_and_leaves_nothing() {
    let stage = stage().await;
    stage.test.world.let_no_copy_open();
    let (_, view) = rehearsed(&stage, of_image(NEW)).await.expect("queued");
    assert_eq!(view.brief.state, JobState::Failed, "{:?}", view.problem);
    assert_eq!(stage.test.world.leftovers(), [""; 0]);
    let stage = Stage::new().await;
    stage.test.world.publish(NEW, 1);
    let refused = rehearsed(&stage, of_image(NEW)).await.expect_err("there is no backup");
    assert!(refused.problem().title.contains("no verified backup"), "{refused}");
}

#[tokio::test]
async fn an_upgrade_is_rehearsed_lately_or_applied_with_a_reason() {
    let stage = stage().await;
    let refused = async || queue(&stage, NEW, "").await.expect_err("not rehearsed").problem();
    assert!(refused().await.field(WITHOUT_REHEARSAL).is_some());
    let (console, viewer) = (&stage.test.console, actor(Role::Viewer));
    let list = console.ask(&viewer, ListChanges { deployment: sales(), page: 1 }).await.expect("a list");
    assert_eq!(list.total, 0, "no plan is kept");

    let (change, _) = rehearsed(&stage, of_image(NEW)).await.expect("rehearsed");
    let unrehearsed = async || {
        let detail = console.ask(&viewer, GetChange { deployment: sales(), change }).await.expect("a change");
        detail.unrehearsed
    };
    assert!(!unrehearsed().await);
    stage.test.clock.forward(TimeDelta::days(7) + TimeDelta::minutes(1));
    assert!(unrehearsed().await, "too long ago");
    refused().await;
    rehearsed(&stage, Rehearse::Planned(change)).await.expect("rehearsed again");
    // Another plan, of the same image, which is pulled by now.
    queue(&stage, NEW, "").await.expect("queued");
}

#[tokio::test]
async fn why_an_upgrade_was_not_rehearsed_stands_in_the_audit_log() {
    let stage = stage().await;
    stage.test.world.let_no_copy_open();
    rehearsed(&stage, of_image(NEW)).await.expect("queued");
    queue(&stage, NEW, "").await.expect_err("the rehearsal failed");
    queue(&stage, NEW, "The copy is not needed.").await.expect("queued");
    let find = "Without a rehearsal: The copy is not needed.".into();
    let log = stage.test.console.ask(&actor(Role::Admin), ListAudit { find, page: 1 }).await.expect("the log");
    assert_eq!((log.total, log.items[0].act.as_str()), (1, "start change"));
}
