//! Which images the engine has, and what they are.

use super::errors::{READ, bounded};
use super::translate;
use bollard::Docker;
use bollard::query_parameters::ListImagesOptionsBuilder;
use domain::container::ImageId;
use domain::image::{FoundImage, ImageReference};
use ports::EngineError;
use std::collections::{BTreeSet, HashMap};

/// By id or name.
pub async fn find(client: &Docker, image: &str) -> Result<Option<FoundImage>, EngineError> {
    let found = super::containers::find_image(client, image).await?;
    Ok(found.map(|found| FoundImage {
        id: ImageId(found.id.unwrap_or_default()),
        digests: found.repo_digests.unwrap_or_default().iter().filter_map(|name| digest(name)).collect(),
        variables: translate::pairs(found.config.and_then(|config| config.env).as_deref().unwrap_or_default()),
    }))
}

/// Of `neo4j@sha256:…`.
fn digest(name: &str) -> Option<String> {
    name.split_once('@').map(|(_, digest)| digest.to_owned())
}

/// Of the image's repository. The engine's own filter spares a long answer; whether a name is of this repository is
/// decided here, because not every engine writes names as Docker does.
pub async fn local_tags(client: &Docker, image: &ImageReference) -> Result<Vec<String>, EngineError> {
    let filters = HashMap::from([("reference", vec![image.familiar_name()])]);
    let options = ListImagesOptionsBuilder::new().filters(&filters).build();
    let found = bounded("list images (GET /images/json)", READ, client.list_images(Some(options))).await?;
    let names = found.into_iter().flat_map(|one| one.repo_tags);
    // An image without a name is told as `<none>:<none>`.
    let ours = names.filter_map(|name| ImageReference::parse(&name).ok()).filter(|one| one.is_sibling_of(image));
    let tags: BTreeSet<String> = ours.filter_map(|one| one.tag_text().map(str::to_owned)).collect();
    Ok(tags.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::super::scripted_engine::{Answer, ScriptedEngine};
    use super::*;

    #[tokio::test]
    async fn only_names_of_the_repository_count_however_the_engine_writes_them() {
        let answer = Answer::json(
            r#"[{"Id":"sha256:1","ParentId":"","RepoTags":["neo4j:5.26.5","docker.io/library/neo4j:5","team/neo4j:9"],
                 "RepoDigests":[],"Created":0,"Size":1,"SharedSize":-1,"Labels":{},"Containers":-1},
                {"Id":"sha256:2","ParentId":"","RepoTags":["<none>:<none>"],"RepoDigests":[],"Created":0,"Size":1,
                 "SharedSize":-1,"Labels":{},"Containers":-1},
                {"Id":"sha256:3","ParentId":"","RepoTags":["neo4j:5.26.5"],"RepoDigests":[],"Created":0,"Size":1,
                 "SharedSize":-1,"Labels":{},"Containers":-1}]"#,
        );
        let engine = ScriptedEngine::start(vec![answer]).await;
        let image = ImageReference::parse("docker.io/library/neo4j:2026").expect("an image");
        assert_eq!(local_tags(&engine.client, &image).await, Ok(vec!["5".into(), "5.26.5".into()]));
        let asked = engine.asked().await;
        assert!(asked[0].starts_with("GET /images/json?") && asked[0].contains("neo4j"), "{asked:?}");
    }
}
