//! The adapter to registries against one on loopback, over HTTP.

use adapters::outbound::Outbound;
use adapters::registry::RegistryClient;
use domain::image::ImageReference;
use ports::{Registry as _, RegistryError};
use std::collections::BTreeSet;
use tests::console_process::free_port;
use tests::registry::Registry;

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
        let tags = client().tags(&image(&registry, name)).await.expect("tags");
        let each: BTreeSet<&str> = tags.iter().map(String::as_str).collect();
        assert_eq!((tags.len(), each.len()), (1_000, 1_000), "{name}");
        assert!(each.contains("5.0.0") && each.contains("5.99.9"), "{name}");
        assert_eq!(registry.pages() - asked, questions, "{name}");
        asked = registry.pages();
    }
    assert_eq!(client().tags(&image(&registry, "tiny:9")).await, Ok(vec!["1".into()]));
}

#[tokio::test]
async fn a_digest_is_that_of_the_manifest() {
    let registry = Registry::start(b"content").await;
    let digest = registry.digest();
    assert_eq!(client().digest(&image(&registry, "tiny:1")).await.as_deref(), Ok(digest));
    assert_eq!(client().digest(&image(&registry, &format!("tiny@{digest}"))).await.as_deref(), Ok(digest));
    let unknown = client().digest(&image(&registry, "tiny:2")).await;
    assert!(matches!(unknown, Err(RegistryError::NotFound(_))), "{unknown:?}");
    let private = client().digest(&image(&registry, "private/tiny:1")).await;
    assert!(matches!(private, Err(RegistryError::Denied(_))), "{private:?}");
}

#[tokio::test]
async fn what_is_no_list_of_tags_is_told_and_never_read_without_end() {
    let registry = Registry::start(b"content").await;
    let told = async |name: &str| client().tags(&image(&registry, name)).await.expect_err("no list");
    assert!(matches!(told("private/tiny").await, RegistryError::Denied(_)));
    assert!(matches!(told("nobody").await, RegistryError::NotFound(_)));
    assert!(matches!(told("garbage").await, RegistryError::Failed(_)));
    assert!(matches!(told("endless").await, RegistryError::TooMuch(_)));
    assert!(matches!(told("circle").await, RegistryError::TooMuch(_)));
    let nobody = ImageReference::parse(&format!("127.0.0.1:{}/tiny", free_port())).expect("an image");
    let told = client().tags(&nobody).await;
    assert!(matches!(told, Err(RegistryError::Unreachable(_))), "{told:?}");
}
