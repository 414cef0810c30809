//! Adding a member, and one member: role, disabled or not.

use super::param;
use crate::Drawn;
use crate::api::members::{AddMember, ChangeRole, SetDisabled, get_member};
use crate::components::card::Card;
use crate::components::field::{Choice, Choices, Field, Kind, choice};
use crate::components::form::{Form, SubmitButton, post};
use crate::components::notice::Refused;
use crate::components::page_head::{PageHead, page};
use crate::components::status::tag;
use domain::member::{Member, Role};
use leptos::prelude::*;

/// The form for a new member. Sending needs `member.manage`.
pub async fn add_member_page() -> Drawn {
    let form = Form::of::<AddMember>();
    Ok(page(view! {
        <PageHead title="Add member" about="A person who may sign in to this console. Neo4j users are something else."/>
        <Refused form/>
        <section class="card">
            {post(form, view! {
                <div class="body">
                    <div class="pair">
                        <Field form name="name" label="Name" help="They sign in with it, for example ana@example.com."/>
                        <Field form name="password" label="First password" kind=Kind::NewPassword help="At least 12 characters. They can change it under Your account."/>
                    </div>
                    <Choices form name="role" label="Console role" options=roles() picked=Role::Viewer.as_str()/>
                </div>
                <footer><div class="actions"><SubmitButton label="Add member"/><a class="button plain" href="/members">"Cancel"</a></div></footer>
            })}
        </section>
    }))
}

fn roles() -> Vec<Choice> {
    Role::ALL.iter().map(|r| choice(r.as_str(), r.as_str(), r.about())).collect()
}

/// The member of the address, with forms for role and access (`member.manage`).
pub async fn member_page() -> Drawn {
    let id = param("id");
    let forms = (Form::of::<ChangeRole>(), Form::of::<SetDisabled>());
    let member = get_member(id).await?;
    Ok(draw(&member, forms))
}

fn draw(m: &Member, (role_form, disable_form): (Form, Form)) -> AnyView {
    let id = m.id.0.to_string();
    page(view! {
        <PageHead title=m.name.clone() state=tag(m.role.as_str()) about="A member of this console."/>
        <Refused form=role_form/>
        <Refused form=disable_form/>
        {Card::new("role-card", "Console role").body(view! {
            {post(role_form, view! {
                <div class="body">
                    <input type="hidden" name="member" value=id.clone()/>
                    <Choices form=role_form name="role" label="What they may do" options=roles() picked=m.role.as_str()/>
                </div>
                <footer><div class="actions"><SubmitButton label="Change role"/><a class="button plain" href="/members">"Cancel"</a></div></footer>
            })}
        })}
        {access(m, id, disable_form)}
    })
}

fn access(m: &Member, id: String, form: Form) -> AnyView {
    let (title, words, label, class) = if m.disabled {
        ("Disabled", "They cannot sign in. Enabling lets them in again with their password.", "Enable member", "button")
    } else {
        (
            "Access",
            "Disabling ends their sessions at once. Nothing they did is removed, and it can be taken back.",
            "Disable member",
            "button warns",
        )
    };
    let disabled = !m.disabled;
    view! {
        {Card::new("access", title).body(view! {
            {post(form, view! {
                <div class="body"><p>{words}</p><input type="hidden" name="member" value=id/><input type="hidden" name="disabled" value=disabled.to_string()/></div>
                <footer><div class="actions"><SubmitButton label class/></div></footer>
            })}
        })}
    }
    .into_any()
}
