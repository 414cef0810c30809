//! Adopting a container: the list of those found, or the form for one of them.

use super::deployments::found_lines;
use super::environment::environment_field;
use super::query;
use crate::Drawn;
use crate::api::deployments::{AdoptDeployment, get_found};
use crate::components::card::{Card, code, facts, words};
use crate::components::empty::empty;
use crate::components::field::{Field, Kind};
use crate::components::form::{Form, SubmitButton, post};
use crate::components::items::{Point, points};
use crate::components::notice::Refused;
use crate::components::page_head::{PageHead, page};
use domain::deployment::DiscoveredContainer;
use domain::environment::Environment;
use leptos::prelude::*;

/// Without a container in the address: the ones that were found.
pub async fn adopt_page() -> Drawn {
    let container = query("container");
    let form = Form::of::<AdoptDeployment>();
    let found = get_found(container.clone()).await?;
    Ok(match found.first() {
        Some(one) if !container.is_empty() => one_container(one, form),
        _ => list(&found),
    })
}

fn list(found: &[DiscoveredContainer]) -> AnyView {
    let body = if found.is_empty() {
        let why = "Docker has no Neo4j container that is not adopted. Start one; it is found by its image, neo4j, or \
            by the label neo4j-console.neo4j=true.";
        empty("box", "Nothing to adopt", why, None)
    } else {
        view! { {Card::new("found", "Found, not adopted").about("The console does not touch them until you adopt them.").body(view! {{found_lines(found)}})} }
            .into_any()
    };
    page(view! { <PageHead title="Adopt a container" about="Choose the Neo4j container to manage."/>{body} })
}

fn one_container(found: &DiscoveredContainer, form: Form) -> AnyView {
    let about = vec![
        ("Image", code(found.image.clone())),
        ("State", words(if found.running { "running" } else { "stopped" })),
        ("Owner", words(found.owner.as_str())),
    ];
    let (container, proposed) = (found.container.clone(), found.proposed_name.clone());
    page(view! {
        <PageHead title=format!("Adopt {}", found.container) about="Nothing about the container is changed."/>
        <div class="main-side">
            <div class="stack">
                <Refused form/>
                <section class="card">
                    {post(form, view! {
                        <div class="body">
                            <input type="hidden" name="container" value=container/>
                            <Field form name="name" label="Name in this console" value=proposed help="Letters, digits, \
                                dots, dashes. It is part of URLs and cannot be changed."/>
                            {environment_field(form, Environment::default())}
                            <Field form name="user" label="Neo4j user" value="neo4j" help="A user with full read \
                                access, usually neo4j."/>
                            <Field form name="password" label="Password of this Neo4j user" kind=Kind::Password
                                help="Tried once, at once. It is kept encrypted and never shown again."/>
                        </div>
                        <footer><div class="actions"><SubmitButton label="Adopt"/><a class="button plain" href="/">"Cancel"</a></div></footer>
                    })}
                </section>
            </div>
            <aside class="stack">
                {Card::new("container", "This container").body(view! {<div class="body">{facts(about)}</div>})}
                {Card::new("next", "What happens").body(view! {
                    <div class="body">{points(what_happens(), true)}</div>
                })}
            </aside>
        </div>
    })
}

fn what_happens() -> Vec<Point> {
    vec![
        Point("log-in", String::new(), "The console signs in to Neo4j once with this password.".into()),
        Point("eye", String::new(), "It looks at the container, its volumes and databases.".into()),
        Point(
            "shield-check",
            String::new(),
            "From then on it can be backed up, restored and restarted from here.".into(),
        ),
    ]
}
