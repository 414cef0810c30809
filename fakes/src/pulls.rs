use super::world::{State, World};
use domain::container::ImageId;
use domain::image::{FoundImage, ImageReference, Release};
use domain::registry_sign_in::RegistrySignIn;
use futures::{StreamExt, stream};
use ports::{EngineError, PullProgress, PullStream};
use std::collections::BTreeSet;

type Result<T> = std::result::Result<T, EngineError>;

/// Pieces an image comes in.
const PIECES: u64 = 4;

impl World {
    /// A registry has this image, of so many bytes.
    pub fn publish(&self, image: &str, bytes: u64) {
        self.lock().registry.insert(image.into(), Ok(bytes));
    }

    /// Whoever pulls this image gets this error.
    pub fn refuse_pulls(&self, image: &str, error: EngineError) {
        self.lock().registry.insert(image.into(), Err(error));
    }
}

/// What was pulled has its name for an id, and holds what its tag says.
pub fn find(s: &State, image: &str) -> Option<FoundImage> {
    let there = s.images.iter().find(|there| *there == image)?;
    let release = ImageReference::parse(there).ok().and_then(|reference| Release::of_tag(&reference));
    let variables =
        release.map(|of| ("NEO4J_TARBALL".into(), format!("neo4j-{}-{}-unix.tar.gz", of.edition.as_str(), of.version)));
    Some(FoundImage { id: ImageId(there.clone()), digests: vec![], variables: variables.into_iter().collect() })
}

/// Of what was pulled, and of what containers were made from.
pub fn local_tags(s: &State, image: &ImageReference) -> Vec<String> {
    let containers = s.containers.values().map(|fake| &fake.container);
    let run = containers.filter(|one| s.images.contains(&one.image_id.0)).map(|one| &one.image);
    let there = s.images.iter().chain(run).filter_map(|there| ImageReference::parse(there).ok());
    let tags = there.filter(|there| there.is_sibling_of(image)).filter_map(|there| Some(there.tag_text()?.to_string()));
    tags.collect::<BTreeSet<_>>().into_iter().collect()
}

/// The image is there once the stream has been read to its end.
pub fn pull(world: &World, s: &State, image: &str, sign_in: Option<&RegistrySignIn>) -> Result<PullStream> {
    let registry = ImageReference::parse(image).ok();
    registry
        .map_or(Ok(()), |image| super::registry::admits(s, &image, sign_in))
        .map_err(|error| EngineError::Denied(format!("the registry wants another sign-in: {error}")))?;
    let unknown = || EngineError::NotFound(format!("manifest for {image} not found: manifest unknown"));
    let total = s.registry.get(image).cloned().ok_or_else(unknown)??;
    if s.images.iter().any(|there| there == image) {
        let status = format!("Status: Image is up to date for {image}");
        return Ok(stream::iter([Ok(PullProgress { status, done: 0, total: 0 })]).boxed());
    }
    let piece = move |nth: u64| PullProgress { status: "Downloading".into(), done: total * nth / PIECES, total };
    let (world, image) = (world.clone(), image.to_string());
    let last = stream::once(async move {
        let mut s = world.lock();
        if let Some(error) = &s.down {
            return Err(error.clone());
        }
        s.images.push(image.clone());
        Ok(PullProgress { status: format!("Status: Downloaded newer image for {image}"), done: total, total })
    });
    Ok(stream::iter((0..=PIECES).map(move |nth| Ok(piece(nth)))).chain(last).boxed())
}
