//! Signing in.

use super::query;
use crate::Drawn;
use crate::api::account::{SignIn, is_setup_open};
use crate::components::auth_layout::AuthLayout;
use crate::components::field::{Field, Kind};
use crate::components::form::{Form, SubmitButton};
use crate::components::notice::{Done, Refused, notice};
use domain::text::Tone;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The form; says so while there is no member yet. `next` of the address is where it goes on to.
pub async fn login_page() -> Drawn {
    let form = Form::of::<SignIn>();
    let next = query("next");
    let nobody = is_setup_open().await.is_ok_and(|open| open);
    Ok(view! {
        <AuthLayout title="Sign in" about="Use your console account, not a Neo4j user.">
            <Done/>
            {nobody.then(nobody_yet)}
            <Refused form/>
            <form method="post" action=SignIn::url() class="stack">
                <input type="hidden" name="next" value=next.clone()/>
                <Field form name="name" label="Name" kind=Kind::UserName/>
                <Field form name="password" label="Password" kind=Kind::Password/>
                <SubmitButton label="Sign in"/>
            </form>
            <p class="help">"Forgot your password? Ask a console admin."</p>
        </AuthLayout>
    }
    .into_any())
}

fn nobody_yet() -> AnyView {
    notice(
        Tone::Info,
        "Nobody can sign in yet.",
        "Open the one-time link from the console’s log to create the first account.",
    )
}
