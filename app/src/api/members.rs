//! Members: who may sign in to the console, and as what.

use super::Timed;
use crate::problem::ApiError;
use domain::member::Member;
use leptos::prelude::*;

use super::request::*;
use domain::member::{MemberId, MemberName, Role};
use ops::Error;
use ops::use_cases::members as use_case;

/// All members, disabled ones too (`member.manage`).
pub async fn list_members() -> Result<Timed<Vec<Member>>, ApiError> {
    ask_timed(Ok(use_case::ListMembers {})).await
}

/// One member by its number (`member.manage`).
pub async fn get_member(id: String) -> Result<Member, ApiError> {
    let all = ask(use_case::ListMembers {}).await?;
    reply(all.into_iter().find(|m| m.id.0.to_string() == id).ok_or_else(|| Error::not_found("member", id)))
}

/// Adds a member with a first password (`member.manage`).
#[server(prefix = "/api/fn", endpoint = "add_member")]
pub async fn add_member(
    #[server(default)] name: String,
    #[server(default)] role: String,
    #[server(default)] password: String,
) -> Result<(), ApiError> {
    let values = [("name", name.as_str()), ("role", role.as_str())];
    let done = async {
        perform(use_case::AddMember { name: MemberName::parse(&name)?, role: Role::parse(&role)?, password }).await?;
        Ok("/members?done=member-added".to_string())
    };
    answer_form::<AddMember>(&values, done.await)
}

/// Gives a member another console role (`member.manage`).
#[server(prefix = "/api/fn", endpoint = "change_role")]
pub async fn change_role(#[server(default)] member: String, #[server(default)] role: String) -> Result<(), ApiError> {
    let done = async {
        perform(use_case::ChangeRole { member: member_id(&member)?, role: Role::parse(&role)? }).await?;
        Ok("/members?done=role-changed".to_string())
    };
    answer_form::<ChangeRole>(&[("role", &role)], done.await)
}

/// Disables a member or enables it again (`member.manage`).
#[server(prefix = "/api/fn", endpoint = "set_disabled")]
pub async fn set_disabled(
    #[server(default)] member: String,
    #[server(default)] disabled: bool,
) -> Result<(), ApiError> {
    let done = async {
        perform(use_case::SetDisabled { member: member_id(&member)?, disabled }).await?;
        Ok(if disabled { "/members?done=member-disabled" } else { "/members?done=member-enabled" }.to_string())
    };
    answer_form::<SetDisabled>(&[], done.await)
}

fn member_id(text: &str) -> Result<MemberId, Error> {
    text.parse().map(MemberId).map_err(|_| Error::not_found("member", text))
}
