//! Making the first account.

use super::query;
use crate::api::account::{IsSetupOpen, SetUp};
use crate::components::auth_layout::AuthLayout;
use crate::components::field::{Field, Kind};
use crate::components::form::{Form, SubmitButton};
use crate::components::load::part;
use crate::components::notice::{Refused, notice, notice_with};
use domain::text::Tone;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The form for whoever came with the token of the link; says so when there is none, or set-up is over.
#[component]
pub fn SetupPage() -> impl IntoView {
    let form = Form::of::<SetUp>();
    let token = query("token").get_untracked();
    view! {
        <AuthLayout title="Set up the console" about="Make the first account. It becomes the admin." wide=true>
            <Refused form/>
            {part(|| IsSetupOpen {}, move |open| match open.map(|open| *open) {
                Ok(true) if token.is_empty() => no_token(),
                Ok(true) => first_account(form, token.clone()),
                Ok(false) => over(),
                Err(error) => notice(Tone::Bad, error.0.title.clone(), error.0.next_steps.join(" ")),
            })}
        </AuthLayout>
    }
}

fn first_account(form: Form, token: String) -> AnyView {
    view! {
        <form method="post" action=SetUp::url() class="stack">
            <input type="hidden" name="token" value=token/>
            <Field form name="name" label="Name" kind=Kind::UserName help="You sign in with it. You become the first admin."/>
            <Field form name="password" label="Password" kind=Kind::NewPassword help="At least 12 characters. Length \
                counts, symbols do not."/>
            <div class="actions"><SubmitButton form label="Create account"/><span class="why">"The link works once."</span></div>
        </form>
    }
    .into_any()
}

fn no_token() -> AnyView {
    notice(
        Tone::Info,
        "This page needs its one-time link.",
        "The console writes it to its log at each start while no account exists. Open it from there.",
    )
}

fn over() -> AnyView {
    let sign_in = view! { <a class="button small" href="/login" rel="external">"Sign in"</a> }.into_any();
    notice_with(Tone::Good, "The console is set up.", "The one-time link has done its work.", Some(sign_in))
}
