//! Passwords are hashed here, a few at a time.

use crate::error::{Error, Result};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use domain::Problem;
use domain::problem::ProblemKind;
use std::sync::OnceLock;
use tokio::sync::Semaphore;

/// Argon2id with the crate's defaults (OWASP's: 19 MiB, two rounds). Each takes 20 ms: two at once, some others wait,
/// so a flood of sign-ins cannot eat the memory, and who comes after it does not stand in a line of minutes.
pub(crate) struct Hashing {
    at_once: Semaphore,
    in_line: Semaphore,
}

impl Default for Hashing {
    fn default() -> Self {
        Self { at_once: Semaphore::const_new(2), in_line: Semaphore::const_new(18) }
    }
}

impl Hashing {
    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let _place = self.in_line.try_acquire().map_err(|_| too_many())?;
        let _permit = self.at_once.acquire().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }

    /// The Argon2id hash with a fresh salt. Refused when too many are in line.
    pub async fn hash(&self, password: &str) -> Result<String> {
        let password = password.to_owned();
        let hashed = self
            .blocking(move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()))
            .await?;
        hashed.map_err(|error| Error::internal(error.to_string()))
    }

    /// Without a hash (unknown member) the same work is done against one nobody knows the password of.
    pub async fn is_right(&self, password: String, hash: Option<String>) -> Result<bool> {
        static NOBODY: OnceLock<String> = OnceLock::new();
        let work = move || {
            let nobody = || {
                Argon2::default()
                    .hash_password(&rand::random::<[u8; 32]>())
                    .map(|hash| hash.to_string())
                    .unwrap_or_default()
            };
            // Made on the first call whoever it is for, so that a name cannot be told by the time it takes.
            let nobody = NOBODY.get_or_init(nobody);
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| nobody.clone());
            let right = PasswordHash::new(&hash)
                .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
            known && right
        };
        self.blocking(work).await
    }
}

fn too_many() -> Error {
    Problem::new(ProblemKind::Unavailable, "Too many sign-ins right now.")
        .means("Your password was not checked.")
        .next_step("Try again in a few seconds.")
        .into()
}
