use super::{ListTags, TagList};
use crate::error::Error;
use crate::jobs::stage::{Stage, sales};
use crate::testing::actor;
use chrono::TimeDelta;
use domain::image::catalogue;
use domain::image::tags::Source;
use domain::member::Role;
use domain::problem::ProblemKind;
use ports::{EngineError, RegistryError};

async fn ask(stage: &Stage, find: &str, page: u32) -> Result<TagList, Error> {
    let list = ListTags { deployment: sales(), find: find.into(), page };
    stage.test.console.ask(&actor(Role::Viewer), list).await
}

async fn tags(stage: &Stage, find: &str) -> TagList {
    ask(stage, find, 1).await.expect("a list")
}

fn unreachable() -> RegistryError {
    RegistryError::Unreachable("docker.io did not answer in time".into())
}

#[tokio::test]
async fn tags_of_registry_engine_and_catalogue_are_one_list() {
    let stage = Stage::new().await;
    stage.test.world.publish_tags("neo4j", &["5.26.5-community", "5.26.29", "2027.01.0", "latest"]);
    let list = tags(&stage, "").await;
    assert_eq!((&list.registry_problem, &list.engine_problem), (&None, &None));
    let of = |tag: &str| list.page.items.iter().find(|one| one.tag == tag).expect("listed");
    assert_eq!(list.page.items[1].tag, "2027.01.0", "the newest stands behind latest");
    assert_eq!(of("5.26.29").sources, [Source::Registry, Source::Catalogue]);
    let present = of("5.26.5-community");
    assert_eq!((&present.sources[..], present.present), (&[Source::Registry, Source::Local][..], true));
    assert_eq!(list.page.items.iter().filter(|one| one.present).count(), 1);
}

#[tokio::test]
async fn a_thousand_tags_cost_one_question_in_ten_minutes() {
    let stage = Stage::new().await;
    let many: Vec<String> = (0..1_000).map(|n| format!("5.{}.{}", n / 10, n % 10)).collect();
    stage.test.world.publish_tags("neo4j", &many.iter().map(String::as_str).collect::<Vec<_>>());
    let known = 1_000 + catalogue::TAGS.len() as u64;
    // 5.26.29 is none of those, and 5.26.5-community is the engine's.
    let (one, other, found) = tokio::join!(ask(&stage, "", 1), ask(&stage, "", 20), ask(&stage, "5.99.", 1));
    assert_eq!(one.expect("a page").page.total, known + 1);
    assert_eq!(other.expect("a page").page.items.len(), 50);
    assert_eq!(found.expect("some").page.total, 10);
    assert_eq!(stage.test.world.tag_questions(), 1, "whoever comes meanwhile shares the answer");
    stage.test.clock.forward(TimeDelta::seconds(599));
    tags(&stage, "").await;
    assert_eq!(stage.test.world.tag_questions(), 1);
    stage.test.clock.forward(TimeDelta::seconds(1));
    tags(&stage, "").await;
    assert_eq!(stage.test.world.tag_questions(), 2);
}

#[tokio::test]
async fn without_the_registry_the_engine_and_the_catalogue_tell_what_they_know() {
    let stage = Stage::new().await;
    stage.test.world.refuse_tags("neo4j", unreachable());
    let list = tags(&stage, "").await;
    let why = list.registry_problem.expect("a sentence");
    assert!(why.contains("docker.io did not answer in time") && why.contains(catalogue::AS_OF), "{why}");
    assert_eq!(list.page.total, catalogue::TAGS.len() as u64 + 1);
    tags(&stage, "").await;
    assert_eq!(stage.test.world.tag_questions(), 1, "nobody waits for it again at once");
    stage.test.world.publish_tags("neo4j", &["5.26.29"]);
    stage.test.clock.forward(TimeDelta::seconds(60));
    assert_eq!(tags(&stage, "").await.registry_problem, None);

    stage.test.world.set_down(Some(EngineError::Unreachable("connection refused".into())));
    stage.test.world.refuse_tags("neo4j", unreachable());
    stage.test.clock.forward(TimeDelta::minutes(10));
    let list = tags(&stage, "").await;
    assert!(list.registry_problem.is_some() && list.engine_problem.is_some_and(|why| why.contains("Docker")));
    assert_eq!(list.page.total, catalogue::TAGS.len() as u64);
    assert!(list.page.items.iter().all(|one| one.sources == [Source::Catalogue]));
}

#[tokio::test]
async fn of_a_repository_of_ones_own_nothing_is_known_by_heart() {
    let stage = Stage::new().await;
    stage
        .test
        .world
        .change("sales", |container| container.image = "registry.example.com:5000/team/neo4j:5.26.5".into());
    refresh(&stage).await;
    let list = tags(&stage, "").await;
    let why = list.registry_problem.expect("a sentence");
    assert!(why.contains("registry.example.com:5000/team/neo4j") && !why.contains(catalogue::AS_OF), "{why}");
    assert_eq!(
        list.page.items.iter().map(|one| one.image.as_str()).collect::<Vec<_>>(),
        ["registry.example.com:5000/team/neo4j:5.26.5"]
    );
}

#[tokio::test]
async fn an_image_without_a_name_has_no_tags_and_a_container_that_is_gone_no_image() {
    let stage = Stage::new().await;
    stage.test.world.change("sales", |container| container.image = format!("sha256:{}", "0a".repeat(32)));
    refresh(&stage).await;
    let refused = ask(&stage, "", 1).await.expect_err("refused").problem();
    assert!(refused.kind == ProblemKind::Conflict && refused.title.contains("names no repository"), "{refused}");
    stage.test.world.remove_container("sales");
    refresh(&stage).await;
    let gone = ask(&stage, "", 1).await.expect_err("refused").problem();
    assert!(gone.kind == ProblemKind::Conflict && gone.title.contains("is gone"), "{gone}");
    assert_eq!(stage.test.world.tag_questions(), 0);
}

async fn refresh(stage: &Stage) {
    let refresh = crate::use_cases::deployments::RefreshDeployment { deployment: sales() };
    stage.test.console.ask(&actor(Role::Viewer), refresh).await.expect("a look");
}
