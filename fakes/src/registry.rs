//! Registries, in memory: which repositories there are, with which tags.

use super::world::World;
use async_trait::async_trait;
use domain::image::ImageReference;
use ports::{Registry, RegistryError};

type Result<T> = std::result::Result<T, RegistryError>;

/// All registries of the world.
pub struct FakeRegistry(pub World);

impl World {
    /// A registry has this repository, written as people write images, with these tags.
    pub fn publish_tags(&self, name: &str, tags: &[&str]) {
        self.set_repository(name, Ok(tags.iter().map(ToString::to_string).collect()));
    }

    /// Whoever asks for this repository gets this error.
    pub fn refuse_tags(&self, name: &str, error: RegistryError) {
        self.set_repository(name, Err(error));
    }

    /// How often a registry was asked for tags.
    pub fn tag_questions(&self) -> usize {
        self.lock().tag_questions
    }

    fn set_repository(&self, name: &str, tags: Result<Vec<String>>) {
        let key = key(&ImageReference::parse(name).expect("an image"));
        self.lock().repositories.insert(key, tags);
    }
}

fn key(image: &ImageReference) -> String {
    format!("{}/{}", image.registry(), image.repository())
}

impl FakeRegistry {
    fn repository(&self, image: &ImageReference) -> Result<Vec<String>> {
        let unknown = || RegistryError::NotFound(key(image));
        self.0.lock().repositories.get(&key(image)).cloned().ok_or_else(unknown)?
    }
}

#[async_trait]
impl Registry for FakeRegistry {
    async fn tags(&self, image: &ImageReference) -> Result<Vec<String>> {
        self.0.lock().tag_questions += 1;
        // As over a network: others get their turn meanwhile.
        tokio::task::yield_now().await;
        self.repository(image)
    }

    /// A different one for each tag.
    async fn digest(&self, image: &ImageReference) -> Result<String> {
        let tags = self.repository(image)?;
        match (image.digest(), image.tag_text()) {
            (Some(digest), _) => Ok(digest.into()),
            (None, Some(tag)) => tags
                .iter()
                .position(|one| one == tag)
                .map(|nth| format!("sha256:{nth:064x}"))
                .ok_or_else(|| RegistryError::NotFound(image.as_str().into())),
            (None, None) => Err(RegistryError::NotFound(image.as_str().into())),
        }
    }
}
