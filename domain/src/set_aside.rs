//! Data that was set aside in a deployment's volume, and which Neo4j may open it.

use crate::Problem;
use crate::container::{Container, ImageId};
use crate::image::upgrade::{Verdict, upgrade};
use crate::image::{FoundImage, Release};
use crate::problem::ProblemKind;
use serde::{Deserialize, Serialize};

/// The Neo4j that had the data open last: another one changes it at its first start, or cannot open it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastRun {
    pub image: ImageId,
    /// `None`: its image does not tell.
    pub release: Option<Release>,
}

impl LastRun {
    /// Of the data that this container has.
    pub fn of(container: &Container) -> Self {
        Self { image: container.image_id.clone(), release: container.image_release() }
    }

    /// Of data that a container of this image worked on.
    pub fn of_image(found: &FoundImage) -> Self {
        Self { image: found.id.clone(), release: found.release() }
    }

    /// Whether a server of another image opens the data as it is. Of one that does not tell its version the worst is
    /// assumed.
    fn opens(&self, other: &Self) -> bool {
        if self.image == other.image {
            return true;
        }
        let same = |(from, to)| upgrade(from, to) == Verdict::Same;
        self.release.zip(other.release).is_some_and(same)
    }

    /// Refuses to give the data to a server that would change it, or not come up.
    ///
    /// # Errors
    /// With what to do instead.
    pub fn may_be_opened_by(&self, now: &Self) -> Result<(), Problem> {
        if self.opens(now) {
            return Ok(());
        }
        let (title, was) = match self.release {
            Some(release) => (format!("This data is of {release}."), release.to_string()),
            None => ("This data is of another image.".into(), "that image".into()),
        };
        let runs = now.release.map_or_else(|| "Neo4j of another image".into(), |release| release.to_string());
        Err(Problem::new(ProblemKind::Conflict, title)
            .means(format!("The deployment runs {runs} now. Data and version go back together. Nothing was moved."))
            .next_step("If the console changed the image, take that change back: it brings this data back with it.")
            .next_step(format!("Else change the image to {was} first, or restore a backup.")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{Edition, Version};

    fn run(image: &str, version: Option<(u16, u16)>, edition: Edition) -> LastRun {
        let version = version.map(|(major, minor)| Version::new(major, minor, 0));
        LastRun { image: ImageId(image.into()), release: version.map(|version| Release { version, edition }) }
    }

    #[test]
    fn data_is_opened_by_its_own_version_only() {
        let of = |image, version| run(image, version, Edition::Community);
        let data = of("a", Some((5, 15)));
        assert_eq!(data.may_be_opened_by(&of("a", Some((5, 15)))), Ok(()));
        assert_eq!(data.may_be_opened_by(&of("rebuilt", Some((5, 15)))), Ok(()));
        let untold = of("a", None);
        assert_eq!(untold.may_be_opened_by(&untold), Ok(()));
        for now in [of("b", Some((5, 26))), of("b", Some((5, 1))), of("b", None)] {
            let problem = data.may_be_opened_by(&now).expect_err("another version");
            assert!(problem.title.contains("Neo4j 5.15.0"), "{problem:?}");
            untold.may_be_opened_by(&now).expect_err("who knows");
        }
        let enterprise = run("e", Some((5, 15)), Edition::Enterprise);
        data.may_be_opened_by(&enterprise).expect_err("another edition");
    }
}
