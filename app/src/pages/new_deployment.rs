//! Making a deployment.

use super::environment::environment_field;
use crate::Drawn;
use crate::api::new_deployments::CreateDeployment;
use crate::components::card::Card;
use crate::components::field::{Checkbox, Field, FieldError, Kind};
use crate::components::form::{Form, SubmitButton, post};
use crate::components::items::{Point, points};
use crate::components::notice::Refused;
use crate::components::page_head::{PageHead, page};
use domain::environment::Environment;
use domain::image::Edition;
use leptos::prelude::*;

/// The form. Sending needs `deployment.adopt`.
pub async fn new_deployment_page() -> Drawn {
    Ok(draw(Form::of::<CreateDeployment>()))
}

fn draw(form: Form) -> AnyView {
    let about = "A Neo4j server of its own, with volumes of its own. Nothing that is there is touched.";
    page(view! {
        <PageHead title="New deployment" about=about/>
        <Refused form/>
        <div class="main-side">
            <section class="card">
                {post(form, view! {
                    <div class="body">
                        {server(form)}
                        {memory(form)}
                        {places(form)}
                        <Field form name="reason" label="Why" optional=true help="Kept with the job and in the audit log."/>
                    </div>
                    <footer><div class="actions"><SubmitButton label="Check and create"/><a class="button plain" href="/">"Cancel"</a></div></footer>
                })}
            </section>
            <aside class="stack">
                {Card::new("next", "What happens").body(view! {<div class="body">{points(what_happens(), true)}</div>})}
            </aside>
        </div>
    })
}

fn server(form: Form) -> AnyView {
    let image = form.value_or("image", String::new());
    let enterprise = image.contains(Edition::Enterprise.as_str()) || form.error("accept_license").is_some();
    let licence = enterprise.then(|| {
        view! {
            <Checkbox form name="accept_license" label="I accept the licence of Neo4j Enterprise"
                help="NEO4J_ACCEPT_LICENSE_AGREEMENT becomes yes."/>
            <FieldError form name="accept_license"/>
        }
    });
    view! {
        <Field form name="name" label="Name" help="Letters, digits, dots, dashes. Also of the container; it cannot be \
            changed later."/>
        {environment_field(form, Environment::default())}
        <Field form name="image" label="Image" placeholder="neo4j:5.26.5" help="Name and tag, with a full version."/>
        {licence}
        <Field form name="password" label="First password of the Neo4j user neo4j" kind=Kind::NewPassword
            help="At least 8 characters, no slash. The console signs in with it; kept encrypted, never shown again."/>
    }
    .into_any()
}

fn memory(form: Form) -> AnyView {
    let usual = "As Neo4j recommends for the limit when empty.";
    view! {
        <Field form name="limit" label="Memory limit of the container" value="4g" help="For example 4g."/>
        <div class="pair">
            <Field form name="heap" label="Heap" optional=true help=usual/>
            <Field form name="page_cache" label="Page cache" optional=true help=usual/>
        </div>
    }
    .into_any()
}

fn places(form: Form) -> AnyView {
    view! {
        <div class="pair">
            <Field form name="data_volume" label="Volume for the data" optional=true help="Named after the deployment \
                when empty. It must not exist."/>
            <Field form name="logs_volume" label="Volume for the logs" optional=true help="Named after the deployment \
                when empty. It must not exist."/>
        </div>
        <Field form name="network" label="Docker network" optional=true help="The one your applications are on. They \
            reach Neo4j there by the deployment’s name."/>
        <Field form name="address" label="Address for the ports" value="127.0.0.1" help="Of the Docker host. \
            127.0.0.1 is reachable on the host itself only."/>
        <div class="pair">
            <Field form name="bolt_port" label="Bolt port" optional=true kind=Kind::Number help="A free one at each start when empty."/>
            <Field form name="http_port" label="HTTP port" optional=true kind=Kind::Number help="A free one at each start when empty."/>
        </div>
    }
    .into_any()
}

fn what_happens() -> Vec<Point> {
    let point = |icon, words: &str| Point(icon, String::new(), words.into());
    vec![
        point("list-checks", "Name, volumes, ports and memory are checked, and Neo4j checks its settings."),
        point("package", "The image is pulled where the Docker host does not have it."),
        point("box", "Volumes and container are made, and Neo4j is started."),
        point("shield-check", "If anything fails, all of it is removed again."),
    ]
}
