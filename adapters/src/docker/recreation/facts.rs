//! What the engine says of the container that another is made from.

use super::text;
use domain::change::{Difference, ImageUse};
use serde_json::Value;

/// From this version on the creation takes several networks, and a network its own hardware address.
const SEVERAL_NETWORKS: (u32, u32) = (1, 44);

/// What the engine says.
pub struct Facts<'a> {
    /// Its answer to a container's inspect.
    pub container: &'a Value,
    /// Its answer to the inspect of the image this container has.
    pub image: &'a Value,
    /// How the new container names its image.
    pub image_words: String,
    /// Of its API: major and minor.
    pub api: (u32, u32),
}

impl Facts<'_> {
    pub fn of(&self, part: &str) -> &Value {
        &self.container[part]
    }

    pub fn network_mode(&self) -> &str {
        text(&self.container["HostConfig"]["NetworkMode"])
    }

    /// It has no network of its own, so the engine refuses what only makes sense with one.
    pub fn is_in_the_network_of_another(&self) -> bool {
        self.network_mode().starts_with("container:")
    }

    pub fn takes_several_networks(&self) -> bool {
        self.api >= SEVERAL_NETWORKS
    }

    /// The id's beginning, which the engine uses as a name.
    pub fn short_id(&self) -> &str {
        text(&self.container["Id"]).get(..12).unwrap_or_default()
    }
}

/// The image it changes to, if that is a difference.
pub fn new_image(difference: &Difference) -> Option<&ImageUse> {
    match difference {
        Difference::Image { after, .. } => Some(after),
        Difference::Variable { .. } | Difference::MemoryLimit { .. } | Difference::StopTimeout { .. } => None,
    }
}
