use super::query;
use crate::api::account::{SignIn, is_setup_open};
use crate::components::door::Door;
use crate::components::field::{Field, Kind};
use crate::components::form::{Form, Send};
use crate::components::notice::{Done, Refused, notice};
use domain::text::Tone;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

#[component]
pub fn LoginPage() -> impl IntoView {
    let open = Resource::new_blocking(|| (), |()| is_setup_open());
    let form = Form::plain::<SignIn>();
    let next = query("next");
    view! {
        <Door title="Sign in" about="Use your console account, not a Neo4j user.">
            <Done/>
            <Suspense>
                {move || Suspend::new(async move {
                    let hint = "Open the one-time link from the console’s log to make the first account.";
                    open.await.unwrap_or(false).then(|| notice(Tone::Info, "Nobody can sign in yet.", hint))
                })}
            </Suspense>
            <Refused form/>
            <form method="post" action=SignIn::url() class="stack">
                <input type="hidden" name="next" value=next.get_untracked()/>
                <Field form name="name" label="Name" kind=Kind::UserName/>
                <Field form name="password" label="Password" kind=Kind::Password/>
                <Send form label="Sign in"/>
            </form>
            <p class="help">"Forgot your password? Ask a console admin."</p>
        </Door>
    }
}
