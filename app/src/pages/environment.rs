//! What a deployment is for.

use super::param;
use crate::Drawn;
use crate::api::deployments::{SetEnvironment, get_overview};
use crate::components::field::Select;
use crate::components::form::{Form, SubmitButton, post};
use crate::components::notice::Refused;
use crate::components::page_head::{PageHead, page};
use domain::environment::Environment;
use domain::overview::Overview;
use leptos::prelude::*;

/// The form with the present one. Sending needs `deployment.adopt`.
pub async fn environment_page() -> Drawn {
    let name = param("name");
    let form = Form::of::<SetEnvironment>();
    let overview = get_overview(name).await?;
    Ok(draw(&overview, form))
}

fn draw(overview: &Overview, form: Form) -> AnyView {
    let name = overview.name.to_string();
    let back = format!("/deployments/{name}");
    page(view! {
        <PageHead title=format!("Environment of {name}") about="What it is for. Nothing of Neo4j is changed."/>
        <Refused form/>
        <section class="card">
            {post(form, view! {
                <div class="body">
                    <input type="hidden" name="name" value=name/>
                    {environment_field(form, overview.environment)}
                </div>
                <footer><div class="actions"><SubmitButton label="Save"/><a class="button plain" href=back>"Cancel"</a></div></footer>
            })}
        </section>
    })
}

/// One of the environments, with what follows from it.
pub(super) fn environment_field(form: Form, picked: Environment) -> AnyView {
    let options = Environment::ALL.iter().map(|e| (e.as_str().to_owned(), e.words().to_owned())).collect();
    view! {
        <Select form name="environment" label="Environment" options picked=picked.as_str()
            help="Production takes only images whose tag has a full version, so that nobody upgrades unasked."/>
    }
    .into_any()
}
