//! Members: adding, changing, disabling, own password.

use crate::console::{Change, Query, Scene};
use crate::error::{Error, Result};
use domain::Invalid;
use domain::member::{Member, MemberId, MemberName, NewPassword, Role};
use domain::permission::Permission;

/// Passwords of 12 and more characters that everybody tries first. Made from the password list of zxcvbn
/// (MIT, Dropbox) and its entries with the usual endings; lower case, one a line.
pub(crate) const COMMON_PASSWORDS: &str = include_str!("common_passwords.txt");

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
        let hash = scene.hashing().hash(password.expose()).await?;
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
        if !scene.store().set_disabled(self.member, self.disabled).await? {
            return Err(last_admin());
        }
        // Enabled again, nobody thinks of the tokens there were.
        scene.store().delete_tokens_of(self.member).await
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
    /// Otherwise one's tokens of the API end, as one's other sessions do.
    pub keep_tokens: bool,
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
        if !scene.hashing().is_right(self.present, Some(row.password_hash)).await? {
            return Err(Invalid::new("present", "This is not your present password.").into());
        }
        let new = NewPassword::parse(&self.new, COMMON_PASSWORDS).map_err(|e| Invalid::new("new", e.why))?;
        let hash = scene.hashing().hash(new.expose()).await?;
        let epoch = scene.store().set_password(scene.actor.id, &hash).await?;
        if !self.keep_tokens {
            scene.store().delete_tokens_of(scene.actor.id).await?;
        }
        Ok(epoch)
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
