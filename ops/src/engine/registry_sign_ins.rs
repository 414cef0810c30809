//! The sign-in for the registry an image is from, opened for whoever asks the registry or pulls.

use crate::crypto::seal::Seal;
use crate::error::{Error, Result};
use crate::store::Store;
use domain::image::ImageReference;
use domain::registry_sign_in::{RegistryHost, RegistryPassword, RegistrySignIn};

/// What the password is bound to when sealed.
pub(crate) fn seal_context(host: &RegistryHost) -> String {
    format!("registry {host}")
}

/// None where nobody saved one.
pub(crate) async fn of(store: &Store, seal: &Seal, image: &ImageReference) -> Result<Option<RegistrySignIn>> {
    let host = RegistryHost::of(image);
    let Some(row) = store.registry_sign_in(&host).await? else { return Ok(None) };
    let password = seal.open(&seal_context(&host), &row.sealed_password)?;
    let password = RegistryPassword::parse(&password).map_err(Error::internal)?;
    Ok(Some(RegistrySignIn { host, user: row.view.user, password }))
}
