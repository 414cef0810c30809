//! An image from a registry: a real one on loopback for the real engine.

use super::LIMIT;
use crate::live_adapters::{engine, unique};
use domain::image::ImageReference;
use domain::registry_sign_in::RegistrySignIn;
use fakes::{FakeEngine, World};
use futures::TryStreamExt;
use ports::{ContainerEngine, EngineError, PullProgress};
use tests::console_process::free_port;
use tests::docker::docker;
use tests::registry::{Door, PASSWORD, Registry, sign_in};

/// Enough for several answers.
const BYTES: usize = 3_000_000;

struct Images {
    there: String,
    unknown: String,
    private: String,
    unreachable: String,
}

/// Removed when the test ends, however.
struct Pulled(String);

impl Drop for Pulled {
    fn drop(&mut self) {
        if docker().run(&["images", "-q", &self.0]).trim() != "" {
            docker().run(&["rmi", "-f", &self.0]);
        }
    }
}

async fn pull(engine: &dyn ContainerEngine, image: &str) -> Result<Vec<PullProgress>, EngineError> {
    pull_as(engine, image, None).await
}

async fn pull_as(
    engine: &dyn ContainerEngine,
    image: &str,
    sign_in: Option<&RegistrySignIn>,
) -> Result<Vec<PullProgress>, EngineError> {
    let all = async { engine.pull(image, sign_in).await?.try_collect().await };
    tokio::time::timeout(LIMIT, all).await.expect("it ends")
}

#[tokio::test]
async fn both_engines_pull_an_image() {
    // No other test's, or the engine would have its layer already.
    let registry = Registry::start(unique("content").repeat(BYTES / 10).as_bytes()).await;
    let images = Images {
        there: registry.image("tiny:1"),
        unknown: registry.image("tiny:2"),
        private: registry.image("private/tiny:1"),
        unreachable: format!("127.0.0.1:{}/tiny:1", free_port()),
    };
    let _removed = Pulled(images.there.clone());
    pulls(&engine(), &images).await;

    let world = World::default();
    world.publish(&images.there, BYTES as u64);
    world.refuse_pulls(&images.private, EngineError::Denied("the registry wants another sign-in".into()));
    world.refuse_pulls(&images.unreachable, EngineError::Unreachable("connection refused".into()));
    pulls(&FakeEngine(world), &images).await;
}

async fn pulls(engine: &dyn ContainerEngine, images: &Images) {
    let repository = ImageReference::parse(&images.unknown).expect("an image");
    assert_eq!(engine.find_image(&images.there).await, Ok(None));
    assert_eq!(engine.local_tags(&repository).await, Ok(vec![]));
    let seen = pull(engine, &images.there).await.expect("pulled");
    let last = seen.last().expect("progress");
    assert!(last.total >= BYTES as u64 && last.done == last.total, "{seen:?}");
    assert!(seen.iter().all(|one| one.done <= one.total && !one.status.is_empty()), "{seen:?}");
    assert!(seen.windows(2).all(|two| two[0].done <= two[1].done), "it goes forward: {seen:?}");
    assert!(engine.find_image(&images.there).await.expect("an answer").is_some(), "and is there");
    assert_eq!(engine.local_tags(&repository).await, Ok(vec!["1".into()]));
    let other = ImageReference::parse(&images.private).expect("an image");
    assert_eq!(engine.local_tags(&other).await, Ok(vec![]), "of another repository");
    let again = pull(engine, &images.there).await.expect("pulled, though it is there");
    assert_eq!(again.last().map(|one| (one.done, one.total)), Some((0, 0)), "nothing is fetched twice: {again:?}");

    let unknown = pull(engine, &images.unknown).await;
    assert!(matches!(&unknown, Err(EngineError::NotFound(_))), "{unknown:?}");
    let private = pull(engine, &images.private).await;
    assert!(matches!(&private, Err(EngineError::Denied(_))), "{private:?}");
    let unreachable = pull(engine, &images.unreachable).await;
    assert!(matches!(&unreachable, Err(EngineError::Unreachable(_))), "{unreachable:?}");
}

#[tokio::test]
async fn both_engines_pull_from_a_closed_registry_only_with_its_sign_in() {
    for door in [Door::Password, Door::Token] {
        let registry = Registry::behind(door, unique("content").as_bytes()).await;
        let image = registry.image("tiny:1");
        let _removed = Pulled(image.clone());
        closed(&engine(), &image).await;

        let world = World::default();
        world.publish(&image, 1);
        world.close_registry(sign_in(&image, PASSWORD));
        closed(&FakeEngine(world), &image).await;
    }
}

async fn closed(engine: &dyn ContainerEngine, image: &str) {
    for refused in [None, Some(&sign_in(image, "wrong"))] {
        let refused = pull_as(engine, image, refused).await;
        assert!(matches!(&refused, Err(EngineError::Denied(why)) if !why.contains("wrong")), "{refused:?}");
    }
    pull_as(engine, image, Some(&sign_in(image, PASSWORD))).await.expect("pulled");
    assert!(engine.find_image(image).await.expect("an answer").is_some());
    let later = pull(engine, image).await;
    assert!(matches!(&later, Err(EngineError::Denied(_))), "the engine does not keep the sign-in: {later:?}");
}
