//! Registries, in memory: which repositories there are, with which tags.

use super::world::{State, World};
use async_trait::async_trait;
use domain::image::ImageReference;
use domain::registry_sign_in::{RegistryHost, RegistrySignIn};
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

    /// From now on the registry gives images and tells of them only to who signs in with this.
    pub fn close_registry(&self, sign_in: RegistrySignIn) {
        self.lock().closed_registries.insert(sign_in.host.clone(), sign_in);
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

/// Whether the image's registry lets somebody with this sign-in read.
pub fn admits(s: &State, image: &ImageReference, sign_in: Option<&RegistrySignIn>) -> Result<()> {
    let host = RegistryHost::of(image);
    match (s.closed_registries.get(&host), sign_in) {
        (None, _) => Ok(()),
        (Some(wanted), Some(shown)) if wanted == shown => Ok(()),
        (Some(_), Some(_)) => Err(RegistryError::SignInRefused(host.to_string())),
        (Some(_), None) => Err(RegistryError::Denied(host.to_string())),
    }
}

impl FakeRegistry {
    fn repository(&self, image: &ImageReference, sign_in: Option<&RegistrySignIn>) -> Result<Vec<String>> {
        admits(&self.0.lock(), image, sign_in)?;
        let unknown = || RegistryError::NotFound(key(image));
        self.0.lock().repositories.get(&key(image)).cloned().ok_or_else(unknown)?
    }
}

#[async_trait]
impl Registry for FakeRegistry {
    async fn tags(&self, image: &ImageReference, sign_in: Option<&RegistrySignIn>) -> Result<Vec<String>> {
        self.0.lock().tag_questions += 1;
        // As over a network: others get their turn meanwhile.
        tokio::task::yield_now().await;
        self.repository(image, sign_in)
    }

    /// A different one for each tag.
    async fn digest(&self, image: &ImageReference, sign_in: Option<&RegistrySignIn>) -> Result<String> {
        let tags = self.repository(image, sign_in)?;
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

    async fn try_sign_in(&self, sign_in: &RegistrySignIn) -> Result<()> {
        tokio::task::yield_now().await;
        match self.0.lock().closed_registries.get(&sign_in.host) {
            Some(wanted) if wanted != sign_in => Err(RegistryError::SignInRefused(sign_in.host.to_string())),
            _ => Ok(()),
        }
    }
}
