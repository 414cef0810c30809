//! Another Neo4j user or password for a deployment.

use super::param;
use crate::Drawn;
use crate::api::deployments::{RenewCredentials, get_overview};
use crate::components::field::{Field, Kind};
use crate::components::form::{Form, SubmitButton, post};
use crate::components::notice::Refused;
use crate::components::page_head::{PageHead, page};
use domain::overview::Overview;
use leptos::prelude::*;

/// The form with the present user's name. Sending needs `deployment.adopt`.
pub async fn credentials_page() -> Drawn {
    let name = param("name");
    let form = Form::of::<RenewCredentials>();
    let overview = get_overview(name).await?;
    Ok(draw(&overview, form))
}

fn draw(overview: &Overview, form: Form) -> AnyView {
    let name = overview.name.to_string();
    let back = format!("/deployments/{name}");
    page(view! {
        <PageHead title=format!("Credentials of {name}") about="What the console signs in to Neo4j with. Neo4j itself \
            is not changed."/>
        <Refused form/>
        <section class="card">
            {post(form, view! {
                <div class="body">
                    <input type="hidden" name="name" value=name/>
                    <div class="pair">
                        <Field form name="user" label="Neo4j user" value=overview.neo4j_user.clone()/>
                        <Field form name="password" label="Password of this Neo4j user" kind=Kind::Password
                            help="Tried once: Neo4j locks a user after three wrong ones. Kept encrypted, never shown again."/>
                    </div>
                </div>
                <footer><div class="actions"><SubmitButton label="Test and save"/><a class="button plain" href=back>"Cancel"</a></div></footer>
            })}
        </section>
    })
}
