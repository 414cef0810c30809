//! One's own account: password, appearance, role and API tokens.

use crate::Drawn;
use crate::api::account::{ChangePassword, SetTheme, SignOut};
use crate::components::card::{Card, facts, words};
use crate::components::field::{Checkbox, Choices, Field, Kind, choice};
use crate::components::form::{Form, SubmitButton, post};
use crate::components::notice::{Done, Refused};
use crate::components::page_head::{PageHead, page};
use crate::pages::tokens::tokens;
use crate::visitor::me;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// For every member; nothing is loaded but the tokens.
pub async fn account_page() -> Drawn {
    let tokens = tokens().await?;
    let me = me();
    let role = me.role.map(|r| format!("{}. {}", r.as_str(), r.about())).unwrap_or_default();
    Ok(page(view! {
        <PageHead title="Your account" about="Your password, API tokens and the appearance of the console."/>
        <Done/>
        <div class="columns two">
            <Password/>
            <div class="stack">
                <Appearance/>
                {Card::new("who", "Who you are").body(view! {
                    <div class="body">{facts(vec![("Name", words(me.name)), ("Console role", words(role))])}</div>
                    <footer><form method="post" action=SignOut::url()><button class="button" type="submit">"Sign out"</button></form></footer>
                })}
            </div>
        </div>
        {tokens}
    }))
}

#[component]
fn Password() -> impl IntoView {
    let form = Form::of::<ChangePassword>();
    view! {
        {Card::new("password-card", "Password").about("Changing it ends your other sessions.").body(view! {
            {post(form, view! {
                <div class="body">
                    <Refused form/>
                    <Field form name="present" label="Current password" kind=Kind::Password/>
                    <Field form name="new" label="New password" kind=Kind::NewPassword help="At least 12 characters. \
                        Length counts, symbols do not."/>
                    <FieldNote form/>
                    <Checkbox form name="keep_tokens" label="Keep my API tokens" help="Otherwise they are revoked, as \
                        your other sessions end."/>
                    <div class="actions"><SubmitButton label="Change password"/></div>
                </div>
            })}
        })}
    }
}

/// The rules of passwords speak of the field `password`, which here is called `new`.
#[component]
fn FieldNote(form: Form) -> impl IntoView {
    form.error("password").map(|why| view! { <p class="error">{why}</p> })
}

/// The whole document carries the theme, so the browser itself sends this form and loads the page anew.
#[component]
fn Appearance() -> impl IntoView {
    let form = Form::of::<SetTheme>();
    let options = vec![
        choice("", "As the system", "Light by day and dark by night, if your system does so."),
        choice("light", "Light", ""),
        choice("dark", "Dark", ""),
    ];
    view! {
        {Card::new("theme", "Light or dark").body(view! {
            <form method="post" action=SetTheme::url()>
                <div class="body"><Choices form name="theme" label="How this browser shows the console" options picked=me().theme/>
                    <div class="actions"><button class="button" type="submit">"Save appearance"</button></div>
                </div>
            </form>
        })}
    }
}
