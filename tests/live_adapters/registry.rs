//! The adapter to registries against one on loopback, over HTTP.

use adapters::outbound::Outbound;
use adapters::registry::RegistryClient;
use domain::image::ImageReference;
use fakes::{FakeRegistry, World};
use ports::{Registry as _, RegistryError};
use std::collections::BTreeSet;
use tests::console_process::free_port;
use tests::registry::{Door, PASSWORD, Registry, sign_in};

fn client() -> RegistryClient {
    RegistryClient::new(Outbound::new(Vec::new(), None).with_private())
}

fn image(registry: &Registry, name: &str) -> ImageReference {
    ImageReference::parse(&registry.image(name)).expect("an image")
}

#[tokio::test]
async fn a_thousand_tags_are_read_over_pages_with_and_without_a_token() {
    let registry = Registry::start(b"content").await;
    let mut asked = 0;
    // The first question about the guarded one is answered with where a token is had.
    for (name, questions) in [("many", 12), ("guarded", 13)] {
        let tags = client().tags(&image(&registry, name), None).await.expect("tags");
        let each: BTreeSet<&str> = tags.iter().map(String::as_str).collect();
        assert_eq!((tags.len(), each.len()), (1_000, 1_000), "{name}");
        assert!(each.contains("5.0.0") && each.contains("5.99.9"), "{name}");
        assert_eq!(registry.pages() - asked, questions, "{name}");
        asked = registry.pages();
    }
    assert_eq!(client().tags(&image(&registry, "tiny:9"), None).await, Ok(vec!["1".into()]));
}

#[tokio::test]
async fn a_digest_is_that_of_the_manifest() {
    let registry = Registry::start(b"content").await;
    let digest = registry.digest();
    assert_eq!(client().digest(&image(&registry, "tiny:1"), None).await.as_deref(), Ok(digest));
    assert_eq!(client().digest(&image(&registry, &format!("tiny@{digest}")), None).await.as_deref(), Ok(digest));
    let unknown = client().digest(&image(&registry, "tiny:2"), None).await;
    assert!(matches!(unknown, Err(RegistryError::NotFound(_))), "{unknown:?}");
    let private = client().digest(&image(&registry, "private/tiny:1"), None).await;
    assert!(matches!(private, Err(RegistryError::Denied(_))), "{private:?}");
}

#[tokio::test]
async fn what_is_no_list_of_tags_is_told_and_never_read_without_end() {
    let registry = Registry::start(b"content").await;
    let told = async |name: &str| client().tags(&image(&registry, name), None).await.expect_err("no list");
    assert!(matches!(told("private/tiny").await, RegistryError::Denied(_)));
    assert!(matches!(told("nobody").await, RegistryError::NotFound(_)));
    assert!(matches!(told("garbage").await, RegistryError::Failed(_)));
    assert!(matches!(told("endless").await, RegistryError::TooMuch(_)));
    assert!(matches!(told("circle").await, RegistryError::TooMuch(_)));
    let nobody = ImageReference::parse(&format!("127.0.0.1:{}/tiny", free_port())).expect("an image");
    let told = client().tags(&nobody, None).await;
    assert!(matches!(told, Err(RegistryError::Unreachable(_))), "{told:?}");
}

#[tokio::test]
async fn a_closed_registry_tells_only_who_signs_in() {
    for door in [Door::Password, Door::Token] {
        let registry = Registry::behind(door, b"content").await;
        let tiny = image(&registry, "tiny:1");
        closed(&client(), &tiny).await;
        let digest = client().digest(&tiny, Some(&sign_in(tiny.as_str(), PASSWORD))).await;
        assert_eq!(digest.as_deref(), Ok(registry.digest()), "{door:?}");
        let elsewhere = client().tags(&tiny, Some(&sign_in("registry.example.com/tiny", PASSWORD))).await;
        assert!(matches!(elsewhere, Err(RegistryError::Denied(_))), "another registry's is not shown: {elsewhere:?}");

        let world = World::default();
        world.publish_tags(tiny.as_str(), &["1"]);
        world.close_registry(sign_in(tiny.as_str(), PASSWORD));
        closed(&FakeRegistry(world), &tiny).await;
    }
}

async fn closed(registry: &dyn ports::Registry, image: &ImageReference) {
    let (right, wrong) = (sign_in(image.as_str(), PASSWORD), sign_in(image.as_str(), "wrong"));
    let nobody = registry.tags(image, None).await;
    assert!(matches!(nobody, Err(RegistryError::Denied(_))), "{nobody:?}");
    let refused = registry.tags(image, Some(&wrong)).await;
    assert!(matches!(refused, Err(RegistryError::SignInRefused(_))), "{refused:?}");
    let refused = registry.digest(image, Some(&wrong)).await;
    assert!(matches!(refused, Err(RegistryError::SignInRefused(_))), "{refused:?}");
    assert_eq!(registry.tags(image, Some(&right)).await, Ok(vec!["1".into()]));
    assert!(registry.digest(image, Some(&right)).await.is_ok());
    assert_eq!(registry.try_sign_in(&right).await, Ok(()));
    let refused = registry.try_sign_in(&wrong).await;
    assert!(matches!(refused, Err(RegistryError::SignInRefused(_))), "{refused:?}");
}

#[tokio::test]
async fn a_registry_for_everybody_takes_any_sign_in_and_what_is_none_takes_nothing() {
    let registry = Registry::start(b"content").await;
    assert_eq!(client().try_sign_in(&sign_in(&registry.image("tiny"), "any")).await, Ok(()));
    assert_eq!(FakeRegistry(World::default()).try_sign_in(&sign_in("r.example.com/tiny", "any")).await, Ok(()));
    let nobody = sign_in(&format!("127.0.0.1:{}/tiny", free_port()), "any");
    let told = client().try_sign_in(&nobody).await;
    assert!(matches!(told, Err(RegistryError::Unreachable(_))), "{told:?}");
}
