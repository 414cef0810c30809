//! Members: adding, changing, disabling, own password.

use crate::console::context::{Change, Context, Query};
use crate::engine::passwords::COMMON_PASSWORDS;
use crate::error::{Error, Result};
use domain::Invalid;
use domain::member::{Member, MemberId, MemberName, NewPassword, Role};
use domain::permission::Permission;
use domain::scope::Subject;
use serde::{Deserialize, Serialize};

/// Adds a member with a first password, which they should change.
pub struct AddMember {
    pub name: MemberName,
    pub role: Role,
    pub password: String,
}

impl Change for AddMember {
    const NAME: &'static str = "add member";
    const NEEDS: &'static [Permission] = &[Permission::MemberManage];
    type Outcome = MemberId;
    fn subject(&self) -> Subject {
        Subject::Console
    }
    fn target(&self) -> String {
        format!("{} as {}", self.name.as_str(), self.role.as_str())
    }
    async fn apply(self, cx: &Context<'_>) -> Result<MemberId> {
        let password = NewPassword::parse(&self.password, COMMON_PASSWORDS)?;
        let hash = cx.hashing().hash(password.expose()).await?;
        cx.store().insert_member(self.name.as_str(), self.role, &hash, cx.now(), false).await
    }
}

/// Acts at once, also on signed-in sessions and tokens.
#[derive(Serialize, Deserialize)]
pub struct ChangeRole {
    pub member: MemberId,
    pub role: Role,
}

impl Change for ChangeRole {
    const NAME: &'static str = "change role";
    const NEEDS: &'static [Permission] = &[Permission::MemberManage];
    type Outcome = ();
    fn subject(&self) -> Subject {
        Subject::Console
    }
    fn target(&self) -> String {
        format!("member {} to {}", self.member.0, self.role.as_str())
    }
    async fn apply(self, cx: &Context<'_>) -> Result<()> {
        known(cx, self.member).await?;
        if cx.store().set_role(self.member, self.role).await? { Ok(()) } else { Err(last_admin()) }
    }
}

/// A disabled member cannot sign in; their sessions and tokens stop at once.
#[derive(Serialize, Deserialize)]
pub struct SetDisabled {
    pub member: MemberId,
    pub disabled: bool,
}

impl Change for SetDisabled {
    const NAME: &'static str = "disable or enable member";
    const NEEDS: &'static [Permission] = &[Permission::MemberManage];
    type Outcome = ();
    fn subject(&self) -> Subject {
        Subject::Console
    }
    fn target(&self) -> String {
        format!("{} member {}", if self.disabled { "disable" } else { "enable" }, self.member.0)
    }
    async fn apply(self, cx: &Context<'_>) -> Result<()> {
        known(cx, self.member).await?;
        if !cx.store().set_disabled(self.member, self.disabled).await? {
            return Err(last_admin());
        }
        // Enabled again, nobody thinks of the tokens there were.
        cx.store().delete_tokens_of(self.member).await
    }
}

async fn known(cx: &Context<'_>, id: MemberId) -> Result<()> {
    cx.store().member(id).await?.map(|_| ()).ok_or_else(|| Error::not_found("member", id.0.to_string()))
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
    const NEEDS: &'static [Permission] = &[Permission::OwnAccount];
    type Outcome = i64;
    fn subject(&self) -> Subject {
        Subject::Console
    }
    fn target(&self) -> String {
        String::new()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<i64> {
        let row = cx.store().member(cx.actor.id).await?.ok_or(Error::SignInNeeded)?;
        if !cx.hashing().is_right(self.present, Some(row.password_hash)).await? {
            return Err(Invalid::new("present", "This is not your current password.").into());
        }
        let new = NewPassword::parse(&self.new, COMMON_PASSWORDS).map_err(|e| Invalid::new("new", e.why))?;
        let hash = cx.hashing().hash(new.expose()).await?;
        let epoch = cx.store().set_password(cx.actor.id, &hash).await?;
        if !self.keep_tokens {
            cx.store().delete_tokens_of(cx.actor.id).await?;
        }
        Ok(epoch)
    }
}

/// All members.
pub struct ListMembers {}

impl Query for ListMembers {
    const NEEDS: &'static [Permission] = &[Permission::MemberManage];
    type Answer = Vec<Member>;
    fn subject(&self) -> Subject {
        Subject::Console
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Vec<Member>> {
        cx.store().members().await
    }
}
