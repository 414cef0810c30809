//! Sign-ins of registries: the list, saving one, removing one. They are used for tags, for digests and for pulls.

#[cfg(test)]
mod tests;

use crate::console::context::{Change, Context, Query};
use crate::engine::registry_sign_ins::seal_context;
use crate::error::{Error, Result};
use crate::store::RegistrySignInRow;
use domain::permission::Permission;
use domain::problem::ProblemKind;
use domain::registry_sign_in::{RegistryHost, RegistrySignIn, View};
use domain::scope::Subject;
use domain::{Invalid, Problem};
use ports::RegistryError;

/// Without the passwords.
pub struct ListRegistries {}

impl Query for ListRegistries {
    const NEEDS: &'static [Permission] = &[Permission::RegistryManage];
    type Answer = Vec<View>;
    fn subject(&self) -> Subject {
        Subject::Console
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Vec<View>> {
        Ok(cx.store().registry_sign_ins().await?.into_iter().map(|row| row.view).collect())
    }
}

/// Adds the sign-in or replaces the one there is, if the registry takes it now.
pub struct SaveRegistrySignIn {
    pub sign_in: RegistrySignIn,
}

impl Change for SaveRegistrySignIn {
    const NAME: &'static str = "save registry sign-in";
    const NEEDS: &'static [Permission] = &[Permission::RegistryManage];
    type Outcome = ();
    fn subject(&self) -> Subject {
        Subject::Console
    }
    fn target(&self) -> String {
        format!("{} as {}", self.sign_in.host, self.sign_in.user)
    }
    async fn apply(self, cx: &Context<'_>) -> Result<()> {
        let RegistrySignIn { host, user, password } = &self.sign_in;
        let taken = cx.ports().registry.try_sign_in(&self.sign_in).await;
        taken.map_err(|error| not_taken(host, &error))?;
        let sealed_password = cx.seal().seal(&seal_context(host), password.expose())?;
        let view = View { host: host.clone(), user: user.clone(), saved_at: cx.now() };
        cx.store().set_registry_sign_in(&RegistrySignInRow { view, sealed_password }).await?;
        cx.registry_tags().forget(host);
        Ok(())
    }
}

fn not_taken(host: &RegistryHost, error: &RegistryError) -> Problem {
    if !matches!(error, RegistryError::SignInRefused(_)) {
        let problem = error.problem();
        let means = format!("{} The sign-in was not tried and not saved.", problem.means);
        return problem.means(means);
    }
    let mut problem = Problem::new(ProblemKind::Invalid, format!("{host} refused this sign-in."))
        .means("Nothing was saved.")
        .next_step("Check user and password. Where accounts have a second factor, an access token is wanted.");
    problem.fields.push(Invalid::new("password", format!("{host} does not take this user with this password.")));
    problem
}

/// From now on the registry is asked as anybody. What was pulled stays.
pub struct RemoveRegistrySignIn {
    pub host: RegistryHost,
}

impl Change for RemoveRegistrySignIn {
    const NAME: &'static str = "remove registry sign-in";
    const NEEDS: &'static [Permission] = &[Permission::RegistryManage];
    type Outcome = ();
    fn subject(&self) -> Subject {
        Subject::Console
    }
    fn target(&self) -> String {
        self.host.to_string()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<()> {
        if !cx.store().delete_registry_sign_in(&self.host).await? {
            return Err(Error::not_found("sign-in of the registry", self.host.as_str()));
        }
        cx.registry_tags().forget(&self.host);
        Ok(())
    }
}
