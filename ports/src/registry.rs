//! Registries of images, asked by the console itself: with the sign-in that somebody saved for one, else as anybody. To
//! pull an image is the engine's.

use async_trait::async_trait;
use domain::Problem;
use domain::image::ImageReference;
use domain::problem::ProblemKind;
use domain::registry_sign_in::RegistrySignIn;

/// Why a registry did not tell what it was asked. None of its texts holds anything of an answer's body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// No answer in time, or no connection. Its argument says of whom and why.
    #[error("{0}")]
    Unreachable(String),
    /// No such repository or tag. Also what a registry says of private ones that it hides.
    #[error("{0} is not there")]
    NotFound(String),
    /// It wants a sign-in, which may also be its answer to a repository that does not exist.
    #[error("{0} wants a sign-in")]
    Denied(String),
    /// It was given one: user or password are wrong, or do not suffice for this repository.
    #[error("{0} refused the sign-in")]
    SignInRefused(String),
    /// More than the console reads of one repository.
    #[error("{0} tells more than the console reads")]
    TooMuch(String),
    /// Anything else, in words.
    #[error("{0}")]
    Failed(String),
}

impl RegistryError {
    /// As people read it, with what to do.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Unreachable(why) => {
                Problem::new(ProblemKind::Unavailable, "The registry of the image did not answer.")
                    .means(format!("{why}."))
                    .next_step("Check the name of the registry, its DNS, and that a firewall lets the console out.")
            }
            Self::NotFound(what) => {
                Problem::new(ProblemKind::NotFound, format!("The registry does not have it: {what}."))
                    .means("It was removed, the name is mistyped, or the registry hides what is private.")
                    .next_step("Check the name of the image.")
            }
            Self::Denied(who) => Problem::new(ProblemKind::Unavailable, format!("{who} wants a sign-in."))
                .means("The repository is private, or does not exist. An admin adds a sign-in on the page Registries.")
                .next_step("Check the name of the image, or let an admin add a sign-in."),
            Self::SignInRefused(who) => {
                Problem::new(ProblemKind::Unavailable, format!("{who} refused the sign-in of the console."))
                    .means(
                        "User or password are wrong or expired, or the user may not read this repository. An admin \
                         saves another sign-in on the page Registries.",
                    )
                    .next_step("Let an admin save the sign-in anew.")
            }
            Self::TooMuch(who) => Problem::new(ProblemKind::Unavailable, format!("{who} has too many tags to list."))
                .means("The console reads at most 10,000 tags of a repository, and 5 MB.")
                .next_step("Write the tag that you know."),
            Self::Failed(why) => Problem::new(ProblemKind::Unavailable, "The registry of the image could not tell.")
                .means(format!("{why}."))
                .next_step("Try again later; if it fails again, ask whoever runs the registry."),
        }
    }

    /// In one line, for beside a list that goes without the registry.
    pub fn sentence(&self) -> String {
        self.problem().to_string()
    }
}

/// Any registry that speaks as the OCI distribution specification says; which one, the reference tells. A sign-in is
/// for the image's registry: it is shown when asked for, to the registry and where it says that tokens are had, and is
/// never sent unencrypted except on this machine.
#[async_trait]
pub trait Registry: Send + Sync + 'static {
    /// All tags of the image's repository, in the registry's order; the reference's own tag plays no part. At most
    /// 10,000 in 5 MB, else `TooMuch`; within 20 s, else `Unreachable`.
    async fn tags(
        &self,
        image: &ImageReference,
        sign_in: Option<&RegistrySignIn>,
    ) -> Result<Vec<String>, RegistryError>;
    /// `sha256:…` of what the reference means now: of the list of platforms where there is one. What a tag is pinned
    /// with.
    async fn digest(&self, image: &ImageReference, sign_in: Option<&RegistrySignIn>) -> Result<String, RegistryError>;
    /// Whether the registry takes the sign-in, whatever its user may read there; else `SignInRefused`. One that asks
    /// nobody takes any.
    async fn try_sign_in(&self, sign_in: &RegistrySignIn) -> Result<(), RegistryError>;
}
