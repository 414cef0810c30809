//! What a change alters on a container, part by part. Everything else stays as it is.

use crate::container::{Container, ImageId};
use serde::{Deserialize, Serialize};

/// The image of a container: what it is called, and what that was when it was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageUse {
    pub reference: String,
    /// `None`: the engine does not have it yet. It is pulled before anything is touched.
    pub id: Option<ImageId>,
    /// `sha256:…`, as its registry told it. What is pulled must be that; `None` where the registry did not tell.
    #[serde(default)]
    pub digest: Option<String>,
}

impl ImageUse {
    /// As the container has it.
    pub fn of(container: &Container) -> Self {
        Self { reference: container.image.clone(), id: Some(container.image_id.clone()), digest: None }
    }

    /// What an engine finds it by: the very image where that is known.
    pub fn lookup(&self) -> &str {
        self.id.as_ref().map_or(&self.reference, ImageId::as_str)
    }

    /// Whether both are one image, by what is known of both.
    pub fn is_same(&self, other: &Self) -> bool {
        if let (Some(one), Some(other)) = (&self.digest, &other.digest) {
            return one == other;
        }
        if let (Some(one), Some(other)) = (&self.id, &other.id) {
            return one == other;
        }
        self.reference == other.reference
    }

    pub(super) fn is_of(&self, container: &Container) -> bool {
        self.reference == container.image && self.id.as_ref().is_none_or(|id| *id == container.image_id)
    }
}

/// One difference, with both sides. A variable may hold a secret: a plan that is stored or shown contains none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "part")]
pub enum Difference {
    Image {
        before: ImageUse,
        after: ImageUse,
    },
    /// Of the container's environment; `None`: it is not there.
    Variable {
        name: String,
        before: Option<String>,
        after: Option<String>,
    },
    /// Bytes; `None`: no limit.
    MemoryLimit {
        before: Option<u64>,
        after: Option<u64>,
    },
    /// Seconds; `None`: what the engine takes then.
    StopTimeout {
        before: Option<u64>,
        after: Option<u64>,
    },
}

impl Difference {
    /// The way back.
    pub fn reversed(self) -> Self {
        match self {
            Self::Image { before, after } => Self::Image { before: after, after: before },
            Self::Variable { name, before, after } => Self::Variable { name, before: after, after: before },
            Self::MemoryLimit { before, after } => Self::MemoryLimit { before: after, after: before },
            Self::StopTimeout { before, after } => Self::StopTimeout { before: after, after: before },
        }
    }

    /// Whether its first side is what the container has.
    pub fn starts_from(&self, container: &Container) -> bool {
        match self {
            Self::Image { before, .. } => before.is_of(container),
            Self::Variable { name, before, .. } => container.env_value(name) == before.as_deref(),
            Self::MemoryLimit { before, .. } => *before == container.memory_limit,
            Self::StopTimeout { before, .. } => *before == container.stop_timeout,
        }
    }

    /// Whether its second side is what the container has.
    pub fn is_done_in(&self, container: &Container) -> bool {
        self.clone().reversed().starts_from(container)
    }

    /// Whether the engine can do it without a new container, in both directions. A limit cannot be taken away from a
    /// container (measured, 20.10); all else is fixed when it is made (docs/neo4j-facts.md: Recreating).
    pub const fn is_live(&self) -> bool {
        matches!(self, Self::MemoryLimit { before: Some(_), after: Some(_) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::tests::sample;

    #[test]
    fn the_way_back_of_a_difference_starts_where_it_ends() {
        let container = sample();
        let all = [
            Difference::Image {
                before: ImageUse::of(&container),
                after: ImageUse {
                    reference: "neo4j:2026.05.0".into(),
                    id: Some(ImageId("sha256:bb".into())),
                    digest: None,
                },
            },
            Difference::Variable {
                name: "NEO4J_server_memory_pagecache_size".into(),
                before: None,
                after: Some("1g".into()),
            },
            Difference::MemoryLimit { before: None, after: Some(1 << 30) },
            Difference::StopTimeout { before: Some(120), after: None },
        ];
        for difference in all {
            assert!(difference.starts_from(&container) && !difference.is_done_in(&container), "{difference:?}");
            let back = difference.clone().reversed();
            assert!(back.is_done_in(&container) && !back.starts_from(&container), "{back:?}");
            assert_eq!(back.reversed(), difference);
        }
    }
}
