use crate::console::{Change, Query, Scene};
use crate::error::{Error, Result};
use domain::member::{Member, MemberId, MemberName, Role};
use domain::permission::Permission;
pub(crate) const COMMON_PASSWORDS: &str = "";

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
        self.name.as_str().into()
    }
    async fn apply(self, _scene: &Scene<'_>) -> Result<MemberId> {
        Err(Error::conflict("not built yet"))
    }
}

pub struct ChangeRole {
    pub member: MemberId,
    pub role: Role,
}

impl Change for ChangeRole {
    const NAME: &'static str = "change role";
    const NEEDS: Permission = Permission::MemberManage;
    type Outcome = ();
    fn target(&self) -> String {
        self.member.0.to_string()
    }
    async fn apply(self, _scene: &Scene<'_>) -> Result<()> {
        Err(Error::conflict("not built yet"))
    }
}

pub struct SetDisabled {
    pub member: MemberId,
    pub disabled: bool,
}

impl Change for SetDisabled {
    const NAME: &'static str = "disable or enable member";
    const NEEDS: Permission = Permission::MemberManage;
    type Outcome = ();
    fn target(&self) -> String {
        self.member.0.to_string()
    }
    async fn apply(self, _scene: &Scene<'_>) -> Result<()> {
        Err(Error::conflict("not built yet"))
    }
}

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
    async fn apply(self, _scene: &Scene<'_>) -> Result<i64> {
        Err(Error::conflict("not built yet"))
    }
}

pub struct ListMembers {}

impl Query for ListMembers {
    const NEEDS: Permission = Permission::MemberManage;
    type Answer = Vec<Member>;
    async fn answer(self, _scene: &Scene<'_>) -> Result<Vec<Member>> {
        Err(Error::conflict("not built yet"))
    }
}
