use super::{ListRegistries, RemoveRegistrySignIn, SaveRegistrySignIn};
use crate::error::Error;
use crate::jobs::stage::{Stage, sales};
use crate::testing::actor;
use crate::use_cases::audit::ListAudit;
use crate::use_cases::changes::{Consent, PreviewChange, StartChange, Wanted};
use crate::use_cases::deployments::RefreshDeployment;
use crate::use_cases::images::{ListTags, TagList};
use domain::change::ImageWanted;
use domain::image::ImageReference;
use domain::job::{JobView, State as JobState};
use domain::member::Role;
use domain::problem::ProblemKind;
use domain::registry_sign_in::{RegistryHost, RegistryPassword, RegistrySignIn, RegistryUser};
use domain::text::Reason;

const HOST: &str = "registry.example.com:5000";
const OWN: &str = "registry.example.com:5000/team/neo4j:5.26.5";
const PASSWORD: &str = "quiet-fox";

fn host() -> RegistryHost {
    RegistryHost::parse(HOST).expect("a host")
}

fn sign_in(password: &str) -> RegistrySignIn {
    let (user, password) = (RegistryUser::parse("ana"), RegistryPassword::parse(password));
    RegistrySignIn { host: host(), user: user.expect("a user"), password: password.expect("a password") }
}

async fn save(stage: &Stage, role: Role, password: &str) -> Result<(), Error> {
    stage.test.console.perform(&actor(role), SaveRegistrySignIn { sign_in: sign_in(password) }).await
}

async fn remove(stage: &Stage, role: Role) -> Result<(), Error> {
    stage.test.console.perform(&actor(role), RemoveRegistrySignIn { host: host() }).await
}

/// `sales` runs an image of a registry that wants a sign-in and has another one for it.
async fn closed() -> Stage {
    let stage = Stage::with_backup().await;
    let world = &stage.test.world;
    world.change("sales", |container| container.image = "registry.example.com:5000/team/neo4j:5.26.4".into());
    world.publish(OWN, 1 << 20);
    world.close_registry(sign_in(PASSWORD));
    let refresh = RefreshDeployment { deployment: sales() };
    stage.test.console.ask(&actor(Role::Viewer), refresh).await.expect("a look");
    stage
}

/// The same, that tells of its tags.
async fn published() -> Stage {
    let stage = closed().await;
    stage.test.world.publish_tags(OWN, &["5.26.4", "5.26.5"]);
    stage
}

async fn tags(stage: &Stage) -> TagList {
    let list = ListTags { deployment: sales(), find: String::new(), page: 1 };
    stage.test.console.ask(&actor(Role::Viewer), list).await.expect("a list")
}

fn own() -> Wanted {
    let reference = ImageReference::parse(OWN).expect("an image");
    Wanted::Image(ImageWanted { reference, accepts_licence: true })
}

/// The digest that a plan would hold.
async fn planned(stage: &Stage) -> Option<String> {
    let ask = PreviewChange { deployment: sales(), wanted: own() };
    let plan = stage.test.console.ask(&actor(Role::Admin), ask).await.expect("a plan");
    plan.new_image().and_then(|image| image.digest.clone())
}

async fn changed(stage: &Stage) -> JobView {
    let start = StartChange {
        deployment: sales(),
        wanted: own(),
        reason: Reason::default(),
        consent: Consent {
            without_rehearsal: Reason::optional("It is a test server.").expect("a reason"),
            ..Consent::default()
        },
    };
    let job = stage.test.console.perform(&actor(Role::Admin), start).await.expect("queued").1;
    stage.finish(job).await
}

#[tokio::test]
async fn tags_and_digest_are_told_as_soon_as_a_sign_in_is_saved_and_no_longer_when_it_is_removed() {
    let stage = published().await;
    let before = tags(&stage).await;
    assert_eq!((before.wants_sign_in, before.page.total), (Some(host()), 1));
    assert_eq!(planned(&stage).await, None);
    assert!(before.registry_problem.expect("a sentence").contains("page Registries"));
    save(&stage, Role::Admin, PASSWORD).await.expect("saved");
    let list = tags(&stage).await;
    assert_eq!((list.wants_sign_in, list.registry_problem, list.page.total), (None, None, 2));
    assert!(planned(&stage).await.is_some());
    remove(&stage, Role::Admin).await.expect("removed");
    assert_eq!(tags(&stage).await.wants_sign_in, Some(host()));
    let gone = remove(&stage, Role::Admin).await.expect_err("there is none").problem();
    assert_eq!(gone.kind, ProblemKind::NotFound);
}

#[tokio::test]
async fn a_change_pulls_with_the_sign_in_and_says_where_to_save_one() {
    let stage = closed().await;
    let view = changed(&stage).await;
    let problem = view.problem.expect("a problem");
    assert!(problem.next_steps[0].contains("Add a sign-in for its registry on the page Registries"), "{problem:?}");
    save(&stage, Role::Admin, PASSWORD).await.expect("saved");
    // The password was changed at the registry since.
    stage.test.world.close_registry(sign_in("other-fox"));
    let problem = changed(&stage).await.problem.expect("a problem");
    assert!(problem.next_steps[0].contains(&format!("Save the sign-in of ana at {HOST} anew")), "{problem:?}");
    assert!(!problem.to_string().contains("fox"), "{problem:?}");
    save(&stage, Role::Admin, "other-fox").await.expect("replaced");
    let view = changed(&stage).await;
    assert_eq!(view.brief.state, JobState::Succeeded, "{:?}", view.problem);
    assert_eq!(stage.test.world.container("sales").expect("a container").image, OWN);
    assert!(view.log.iter().all(|line| !line.text.contains("fox")), "{:?}", view.log);
}

#[tokio::test]
async fn a_sign_in_that_is_not_taken_is_not_saved_and_the_one_before_stays() {
    let stage = published().await;
    let refused = save(&stage, Role::Admin, "wrong-owl").await.expect_err("refused").problem();
    assert!(refused.kind == ProblemKind::Invalid && refused.field("password").is_some(), "{refused:?}");
    assert!(refused.next_steps[0].contains("access token") && !format!("{refused:?}").contains("owl"), "{refused:?}");
    let list = async || stage.test.console.ask(&actor(Role::Admin), ListRegistries {}).await.expect("a list");
    assert_eq!(list().await, []);
    save(&stage, Role::Admin, PASSWORD).await.expect("saved");
    save(&stage, Role::Admin, "wrong-owl").await.expect_err("refused");
    assert_eq!(tags(&stage).await.registry_problem, None);
    let seen: Vec<_> = list().await.into_iter().map(|one| (one.host, one.user.as_str().to_owned())).collect();
    assert_eq!(seen, [(host(), "ana".to_owned())]);
}

#[tokio::test]
async fn only_an_admin_may_and_the_log_names_the_registry_and_no_password() {
    let stage = closed().await;
    for role in [Role::Viewer, Role::Operator, Role::Lead] {
        for refused in [save(&stage, role, PASSWORD).await, remove(&stage, role).await] {
            assert_eq!(refused.expect_err("refused").problem().kind, ProblemKind::Denied, "{role:?}");
        }
        assert!(stage.test.console.ask(&actor(role), ListRegistries {}).await.is_err());
    }
    save(&stage, Role::Admin, PASSWORD).await.expect("saved");
    save(&stage, Role::Admin, "wrong-owl").await.expect_err("refused");
    remove(&stage, Role::Admin).await.expect("removed");
    let find = ListAudit { find: HOST.into(), page: 1 };
    let seen = stage.test.console.ask(&actor(Role::Admin), find).await.expect("the log").items;
    let acts: Vec<_> = seen.iter().map(|entry| (entry.who.as_str(), entry.act.as_str())).collect();
    assert!(acts.contains(&("the admin", "save registry sign-in")), "{acts:?}");
    assert!(acts.contains(&("the admin", "remove registry sign-in")), "{acts:?}");
    let text = format!("{seen:?}");
    assert!(text.contains("as ana") && !text.contains("fox") && !text.contains("owl"), "{text}");
}

#[tokio::test]
async fn the_password_is_sealed_for_its_registry_and_one_that_cannot_be_opened_is_told() {
    let stage = published().await;
    save(&stage, Role::Admin, PASSWORD).await.expect("saved");
    let row = stage.test.console.state.store.registry_sign_in(&host()).await.expect("asked").expect("a row");
    let seal = &stage.test.console.state.seal;
    assert_eq!(seal.open("registry registry.example.com:5000", &row.sealed_password).expect("opens"), PASSWORD);
    assert!(seal.open("registry docker.io", &row.sealed_password).is_err(), "it is bound to its registry");
    let damaged = crate::store::RegistrySignInRow { sealed_password: "AAAA".into(), ..row };
    stage.test.console.state.store.set_registry_sign_in(&damaged).await.expect("set");
    let list = tags(&stage).await;
    let why = list.registry_problem.expect("a sentence");
    assert!(why.contains("enter the secret again") && list.page.total == 1, "{why}");
    save(&stage, Role::Admin, PASSWORD).await.expect("saved anew");
    assert_eq!(tags(&stage).await.registry_problem, None);
}
