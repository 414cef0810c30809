//! Tags of registries, in memory for a while: a list is searched and paged through with one question to the registry,
//! and registries count questions. One question a repository at a time; whoever comes meanwhile shares its answer.

use domain::image::ImageReference;
use domain::registry_sign_in::{RegistryHost, RegistrySignIn};
use ports::{Ports, RegistryError};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How long a list is good.
const KEPT: Duration = Duration::from_mins(10);
/// How long nobody waits again for a registry that did not tell.
const FAILURE_KEPT: Duration = Duration::from_mins(1);
/// Repositories; with more of them all is forgotten.
const MOST: usize = 100;

type Answer = Result<Arc<[String]>, RegistryError>;
type Place = Arc<tokio::sync::Mutex<Option<Told>>>;

/// By registry and repository.
#[derive(Default)]
pub(crate) struct RegistryTags(Mutex<HashMap<(RegistryHost, String), Place>>);

/// What a registry answered, and when by the clock that nobody sets.
struct Told {
    at: Duration,
    answer: Answer,
}

impl Told {
    fn is_good(&self, now: Duration) -> bool {
        now.saturating_sub(self.at) < if self.answer.is_ok() { KEPT } else { FAILURE_KEPT }
    }
}

impl RegistryTags {
    /// All tags of the image's repository, at most ten minutes old.
    pub(crate) async fn of(&self, ports: &Ports, image: &ImageReference, sign_in: Option<&RegistrySignIn>) -> Answer {
        let place = self.place(image);
        // Whoever asks holds it; one that goes away lets the next ask.
        let mut last = place.lock().await;
        if let Some(told) = last.as_ref().filter(|told| told.is_good(ports.clock.monotonic())) {
            return told.answer.clone();
        }
        let answer = ports.registry.tags(image, sign_in).await.map(Arc::from);
        *last = Some(Told { at: ports.clock.monotonic(), answer: answer.clone() });
        answer
    }

    /// What this registry told: with another sign-in it tells something else.
    pub(crate) fn forget(&self, host: &RegistryHost) {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        places.retain(|(of, _), _| of != host);
    }

    fn place(&self, image: &ImageReference) -> Place {
        let key = (RegistryHost::of(image), image.repository().to_owned());
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if places.len() >= MOST && !places.contains_key(&key) {
            places.clear();
        }
        places.entry(key).or_default().clone()
    }
}
