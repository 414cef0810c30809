//! Another image for a deployment, as a plan.

use super::{Basis, Difference, ImageUse, Kind, Plan};
use crate::Invalid;
use crate::container::{Container, ImageId};
use crate::environment::Environment;
use crate::image::upgrade::{Note, Verdict, upgrade};
use crate::image::{Edition, FoundImage, ImageReference, Pinning, Release, pinning};
use crate::problem::Problem;

/// Neo4j Enterprise starts only with it.
const LICENCE: &str = "NEO4J_ACCEPT_LICENSE_AGREEMENT";

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageWanted {
    pub reference: ImageReference,
    /// Of Neo4j Enterprise, by whoever asks.
    pub accepts_licence: bool,
}

/// What is known of the wanted image before it is pulled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownImage {
    /// As the engine has it under this name already.
    pub found: Option<FoundImage>,
    /// What the registry calls it now; `None` where it did not tell.
    pub digest: Option<String>,
}

impl KnownImage {
    /// The one that is there, unless the registry has another under this name by now.
    fn current(&self) -> Option<&FoundImage> {
        let same = |found: &&FoundImage| self.digest.as_deref().is_none_or(|digest| found.is(digest));
        self.found.as_ref().filter(same)
    }
}

/// The plan that gives a deployment of this environment this image.
///
/// # Errors
/// Where its data cannot be opened by it, the tag floats in production (field `image`), or the licence of Enterprise
/// was not accepted (field `accept_license`).
pub fn plan_image(
    now: &Container,
    environment: Environment,
    wanted: &ImageWanted,
    known: &KnownImage,
) -> Result<Plan, Problem> {
    let reference = &wanted.reference;
    pinned(reference, environment)?;
    let found = known.current();
    let to = Release::of(found, Some(reference));
    let mut differences = vec![];
    let after = ImageUse {
        reference: reference.as_str().into(),
        id: found.map(|found| found.id.clone()),
        digest: known.digest.clone(),
    };
    if !after.is_of(now) || after.id.is_none() {
        differences.push(Difference::Image { before: ImageUse::of(now), after });
    }
    let warnings = warnings(now, wanted, to)?;
    if to.is_some_and(|to| to.edition == Edition::Enterprise) {
        differences.extend(accepted_licence(now, wanted.accepts_licence)?);
    }
    let summary = match (now.image_release(), to) {
        (Some(from), Some(to)) if from != to => format!("{from} to {to}"),
        _ => format!("Image {}", reference.as_str()),
    };
    Ok(Plan { kind: Kind::Image, summary, differences, warnings, brings_back: None, basis: Basis::of(now) })
}

/// Whether an image of this release may be given the data of the container. Nothing is said of what is not known.
///
/// # Errors
/// With what to do instead.
pub fn can_open(now: &Container, to: Option<Release>) -> Result<Option<Vec<Note>>, Problem> {
    let Some((from, to)) = now.image_release().zip(to) else { return Ok(None) };
    match upgrade(from, to) {
        Verdict::Refused { problem } => Err(problem),
        Verdict::Same => Ok(Some(vec![])),
        Verdict::Possible { notes } => Ok(Some(notes)),
    }
}

/// Whether an image of this id and release changes the data of the container at its first start, after which the one
/// from before never opens it again. Of an image that does not tell its version the worst is assumed.
///
/// # Errors
/// As [`can_open`].
pub fn migrates(now: &Container, id: Option<&ImageId>, to: Option<Release>) -> Result<bool, Problem> {
    Ok(match can_open(now, to)? {
        Some(notes) => !notes.is_empty(),
        None => id != Some(&now.image_id),
    })
}

fn warnings(now: &Container, wanted: &ImageWanted, to: Option<Release>) -> Result<Vec<String>, Problem> {
    let mut all = vec![];
    match can_open(now, to)? {
        // The form asks for the licence.
        Some(notes) => all.extend(notes.into_iter().filter(|note| *note != Note::Licence).map(Note::sentence)),
        None => all.push(
            "Which Neo4j is in this image is known once it is pulled. If it cannot open the data, the change ends \
             before Neo4j is stopped."
                .into(),
        ),
    }
    if pinning(wanted.reference.as_str()) == Pinning::Floating {
        all.push(format!(
            "{} means another image with each release. Choose a tag with a full version, so that nobody upgrades \
             unasked.",
            wanted.reference.as_str()
        ));
    }
    Ok(all)
}

/// Whether an image may have this name there.
///
/// # Errors
/// Of the field `image`, with what to do.
pub fn pinned(reference: &ImageReference, environment: Environment) -> Result<(), Invalid> {
    if !environment.pins_images() || pinning(reference.as_str()) != Pinning::Floating {
        return Ok(());
    }
    Err(Invalid::new(
        "image",
        format!(
            "{} means another image with each release, and this deployment is for production. Choose a tag with a full \
             version, for example 5.26.5, or add the digest (@sha256:…).",
            reference.as_str()
        ),
    ))
}

/// What tells Neo4j Enterprise that its licence was accepted; nothing where it was told.
///
/// # Errors
/// Of the field `accept_license`, where nobody accepts it.
pub fn accepted_licence(now: &Container, accepts: bool) -> Result<Option<Difference>, Invalid> {
    if now.env_value(LICENCE).is_some_and(|value| matches!(value, "yes" | "eval")) {
        return Ok(None);
    }
    if !accepts {
        return Err(Invalid::new("accept_license", "Neo4j Enterprise starts only with its licence accepted."));
    }
    Ok(Some(Difference::Variable {
        name: LICENCE.into(),
        before: now.env_value(LICENCE).map(str::to_owned),
        after: Some("yes".into()),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Effect;
    use crate::container::tests::sample;

    fn tarball(of: &str) -> Vec<(String, String)> {
        vec![("NEO4J_TARBALL".into(), format!("neo4j-{of}-unix.tar.gz"))]
    }

    fn running(of: &str) -> Container {
        Container { image: "neo4j:5.15.0".into(), image_env: tarball(of), ..sample() }
    }

    fn found(id: &str, of: &str) -> FoundImage {
        FoundImage { id: ImageId(id.into()), digests: vec![format!("{id}-pulled")], variables: tarball(of) }
    }

    fn wanted(image: &str) -> ImageWanted {
        ImageWanted { reference: ImageReference::parse(image).expect(image), accepts_licence: false }
    }

    fn planned(image: &str, known: &KnownImage) -> Result<Plan, Problem> {
        plan_image(&running("community-5.15.0"), Environment::Staging, &wanted(image), known)
    }

    #[test]
    fn an_upgrade_says_both_versions_and_what_to_know() {
        let digest = Some("sha256:new".to_owned());
        let plan = planned("neo4j:5.26.5", &KnownImage { found: None, digest: digest.clone() }).expect("a plan");
        assert_eq!((plan.summary.as_str(), plan.effect()), ("Neo4j 5.15.0 to Neo4j 5.26.5", Effect::Recreate));
        let [Difference::Image { before, after }] = &plan.differences[..] else { panic!("{plan:?}") };
        assert_eq!((before.reference.as_str(), &after.id, &after.digest), ("neo4j:5.15.0", &None, &digest));
        assert!(plan.warnings[0].contains("take a backup"), "{:?}", plan.warnings);
    }

    #[test]
    fn what_cannot_open_the_data_is_refused_by_the_image_itself_where_it_is_there() {
        let problem = planned("neo4j:4.4.40", &KnownImage::default()).expect_err("a downgrade");
        assert!(problem.title.contains("cannot be changed to 4.4.40"), "{problem:?}");
        // The tag lies.
        let known = KnownImage { found: Some(found("sha256:b", "community-5.1.0")), digest: None };
        assert!(planned("neo4j:5.26.5", &known).is_err());
        // An image that is there and that the registry has anew by now says nothing.
        let known = KnownImage { digest: Some("sha256:moved".into()), ..known };
        let plan = planned("neo4j:5.26.5", &known).expect("a plan");
        assert!(matches!(&plan.differences[..], [Difference::Image { after, .. }] if after.id.is_none()), "{plan:?}");
    }

    #[test]
    fn of_an_unknown_or_floating_image_it_is_said() {
        let plan = planned("team/graph:7", &KnownImage::default()).expect("a plan");
        assert!(plan.warnings[0].contains("once it is pulled"), "{:?}", plan.warnings);
        let known = KnownImage { found: Some(found("sha256:b", "community-5.15.0")), digest: None };
        let plan = planned("neo4j:5", &known).expect("a plan");
        assert_eq!(plan.warnings.len(), 1, "{:?}", plan.warnings);
        assert!(plan.warnings[0].starts_with("neo4j:5 means another image"), "{:?}", plan.warnings);
        let production = plan_image(&running("community-5.15.0"), Environment::Production, &wanted("neo4j:5"), &known);
        let problem = production.expect_err("it floats");
        assert!(problem.fields[0].field == "image" && problem.fields[0].why.contains("for production"), "{problem:?}");
    }

    #[test]
    fn the_image_it_has_is_no_change() {
        let now = running("community-5.15.0");
        let image = FoundImage { id: now.image_id.clone(), ..found("", "community-5.15.0") };
        let known = KnownImage { found: Some(image), digest: None };
        assert_eq!(planned("neo4j:5.15.0", &known).expect("a plan").effect(), Effect::Nothing);
    }

    #[test]
    fn enterprise_asks_for_its_licence() {
        let known = KnownImage::default();
        let problem = planned("neo4j:5.15.0-enterprise", &known).expect_err("no licence");
        assert_eq!(problem.fields[0].field, "accept_license");
        let accepts = ImageWanted { accepts_licence: true, ..wanted("neo4j:5.15.0-enterprise") };
        let mut now = running("community-5.15.0");
        let plan = plan_image(&now, Environment::Production, &accepts, &known).expect("a plan");
        assert_eq!(plan.differences.len(), 2, "{plan:?}");
        now.env.push((LICENCE.into(), "eval".into()));
        let plan =
            plan_image(&now, Environment::Production, &wanted("neo4j:5.15.0-enterprise"), &known).expect("a plan");
        assert_eq!(plan.differences.len(), 1, "{plan:?}");
    }
}
