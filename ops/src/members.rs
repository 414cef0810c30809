//! Members: adding, changing, disabling, own password.

use crate::console::{Change, Query, Scene};
use crate::error::{Error, Result};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use domain::Invalid;
use domain::member::{Member, MemberId, MemberName, NewPassword, Role};
use domain::permission::Permission;
use std::sync::OnceLock;

/// Passwords of 12 and more characters that everybody tries first. Made from the password list of zxcvbn
/// (MIT, Dropbox) and its entries with the usual endings; lower case, one a line.
pub(crate) const COMMON_PASSWORDS: &str = include_str!("common_passwords.txt");

/// Hashes take 20 ms and 19 MiB: two at once, the others wait, so a flood of sign-ins cannot eat the memory.
static HASHING: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(2);

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let _permit = HASHING.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

/// Argon2id with the crate's defaults (OWASP's: 19 MiB, two rounds).
pub(crate) async fn hash_password(password: String) -> Result<String> {
    blocking(move || Argon2::default().hash_password(password.as_bytes()).map(|h| h.to_string())).await?.map_err(|e| Error::internal(e.to_string()))
}

/// Without a hash (unknown member) the same work is done against one nobody knows the password of.
pub(crate) async fn verify_password(password: String, hash: Option<String>) -> Result<bool> {
    static NOBODY: OnceLock<String> = OnceLock::new();
    blocking(move || {
        let nobody = || Argon2::default().hash_password(&rand::random::<[u8; 32]>()).map(|h| h.to_string()).unwrap_or_default();
        // Made on the first call whoever it is for, so that a name cannot be told by the time it takes.
        let nobody = NOBODY.get_or_init(nobody);
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| nobody.clone());
        let right = PasswordHash::new(&hash).is_ok_and(|h| Argon2::default().verify_password(password.as_bytes(), &h).is_ok());
        known && right
    })
    .await
}

/// Adds a member with a first password, which they should change.
pub struct AddMember {
    pub name: MemberName,
    pub role: Role,
    pub password: String,
}

impl Change for AddMember {
    const NAME: &'static str = "add member";
    const NEEDS: Permission = Permission::MemberManage;
    type Outcome = MemberId;
    fn target(&self) -> String {
        format!("{} as {}", self.name.as_str(), self.role.as_str())
    }
    async fn apply(self, scene: &Scene<'_>) -> Result<MemberId> {
        let password = NewPassword::parse(&self.password, COMMON_PASSWORDS)?;
        let hash = hash_password(password.expose().into()).await?;
        scene.store().insert_member(self.name.as_str(), self.role, &hash, scene.now(), false).await
    }
}

/// Acts at once, also on signed-in sessions and tokens.
pub struct ChangeRole {
    pub member: MemberId,
    pub role: Role,
}

impl Change for ChangeRole {
    const NAME: &'static str = "change role";
    const NEEDS: Permission = Permission::MemberManage;
    type Outcome = ();
    fn target(&self) -> String {
        format!("member {} to {}", self.member.0, self.role.as_str())
    }
    async fn apply(self, scene: &Scene<'_>) -> Result<()> {
        known(scene, self.member).await?;
        if scene.store().set_role(self.member, self.role).await? { Ok(()) } else { Err(last_admin()) }
    }
}

/// A disabled member cannot sign in; their sessions and tokens stop at once.
pub struct SetDisabled {
    pub member: MemberId,
    pub disabled: bool,
}

impl Change for SetDisabled {
    const NAME: &'static str = "disable or enable member";
    const NEEDS: Permission = Permission::MemberManage;
    type Outcome = ();
    fn target(&self) -> String {
        format!("{} member {}", if self.disabled { "disable" } else { "enable" }, self.member.0)
    }
    async fn apply(self, scene: &Scene<'_>) -> Result<()> {
        known(scene, self.member).await?;
        if scene.store().set_disabled(self.member, self.disabled).await? { Ok(()) } else { Err(last_admin()) }
    }
}

async fn known(scene: &Scene<'_>, id: MemberId) -> Result<()> {
    scene.store().member(id).await?.map(|_| ()).ok_or_else(|| Error::not_found("member", id.0.to_string()))
}

fn last_admin() -> Error {
    Error::conflict("This is the last active admin. Make another member an admin first.")
}

/// Ends all other sessions of the member. Returns the epoch that keeps the present one.
pub struct ChangeOwnPassword {
    pub present: String,
    pub new: String,
}

impl Change for ChangeOwnPassword {
    const NAME: &'static str = "change own password";
    const NEEDS: Permission = Permission::OwnAccount;
    type Outcome = i64;
    fn target(&self) -> String {
        String::new()
    }
    async fn apply(self, scene: &Scene<'_>) -> Result<i64> {
        let row = scene.store().member(scene.actor.id).await?.ok_or(Error::SignInNeeded)?;
        if !verify_password(self.present, Some(row.password_hash)).await? {
            return Err(Invalid::new("present", "This is not your present password.").into());
        }
        let new = NewPassword::parse(&self.new, COMMON_PASSWORDS).map_err(|e| Invalid::new("new", e.why))?;
        let hash = hash_password(new.expose().into()).await?;
        scene.store().set_password(scene.actor.id, &hash).await
    }
}

pub struct ListMembers {}

impl Query for ListMembers {
    const NEEDS: Permission = Permission::MemberManage;
    type Answer = Vec<Member>;
    async fn answer(self, scene: &Scene<'_>) -> Result<Vec<Member>> {
        scene.store().members().await
    }
}
