//! Signing in.

use super::query;
use crate::api::account::{IsSetupOpen, SignIn};
use crate::components::auth_layout::AuthLayout;
use crate::components::field::{Field, Kind};
use crate::components::form::{Form, SubmitButton};
use crate::components::load::part;
use crate::components::notice::{Done, Refused, notice};
use domain::text::Tone;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The form; says so while there is no member yet. `next` of the address is where it goes on to.
#[component]
pub fn LoginPage() -> impl IntoView {
    let form = Form::of::<SignIn>();
    let next = query("next");
    view! {
        <AuthLayout title="Sign in" about="Use your console account, not a Neo4j user.">
            <Done/>
            {part(|| IsSetupOpen {}, |open| if open.is_ok_and(|open| *open) { nobody_yet() } else { ().into_any() })}
            <Refused form/>
            <form method="post" action=SignIn::url() class="stack">
                <input type="hidden" name="next" value=next.get_untracked()/>
                <Field form name="name" label="Name" kind=Kind::UserName/>
                <Field form name="password" label="Password" kind=Kind::Password/>
                <SubmitButton form label="Sign in"/>
            </form>
            <p class="help">"Forgot your password? Ask a console admin."</p>
        </AuthLayout>
    }
}

fn nobody_yet() -> AnyView {
    notice(
        Tone::Info,
        "Nobody can sign in yet.",
        "Open the one-time link from the console’s log to create the first account.",
    )
}
