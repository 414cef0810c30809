//! Making the first account.

use super::query;
use crate::Drawn;
use crate::api::account::{SetUp, is_setup_open};
use crate::components::auth_layout::AuthLayout;
use crate::components::field::{Field, Kind};
use crate::components::form::{Form, SubmitButton};
use crate::components::notice::{Refused, notice, notice_with};
use domain::text::Tone;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The form for whoever came with the token of the link; says so when there is none, or set-up is over.
pub async fn setup_page() -> Drawn {
    let form = Form::of::<SetUp>();
    let token = query("token");
    let content = match is_setup_open().await {
        Ok(true) if token.is_empty() => no_token(),
        Ok(true) => first_account(form, token),
        Ok(false) => over(),
        Err(error) => notice(Tone::Bad, error.0.title.clone(), error.0.next_steps.join(" ")),
    };
    Ok(view! {
        <AuthLayout title="Set up the console" about="Make the first account. It becomes the admin." wide=true>
            <Refused form/>
            {content}
        </AuthLayout>
    }
    .into_any())
}

fn first_account(form: Form, token: String) -> AnyView {
    view! {
        <form method="post" action=SetUp::url() class="stack">
            <input type="hidden" name="token" value=token/>
            <Field form name="name" label="Name" kind=Kind::UserName help="You sign in with it. You become the first admin."/>
            <Field form name="password" label="Password" kind=Kind::NewPassword help="At least 12 characters. Length \
                counts, symbols do not."/>
            <div class="actions"><SubmitButton label="Create account"/><span class="why">"The link works once."</span></div>
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
    let sign_in = view! { <a class="button small" href="/login">"Sign in"</a> }.into_any();
    notice_with(Tone::Good, "The console is set up.", "The one-time link has done its work.", Some(sign_in))
}
