//! The image of a deployment: what it runs, which tags there are, another one.

use super::{page_number, param, query};
use crate::Drawn;
use crate::api::images::{ImageView, PlanImage, get_image};
use crate::components::card::Card;
use crate::components::change_form::{no_container, not_here, outage};
use crate::components::field::{Checkbox, Field, FieldError};
use crate::components::form::{Form, SubmitButton, post};
use crate::components::icon::icon;
use crate::components::items::{Point, points};
use crate::components::notice::{Refused, notice};
use crate::components::page_head::{PageHead, page};
use crate::components::table::{cell, pager, table};
use crate::visitor::may;
use domain::image::Edition;
use domain::image::tags::ImageTag;
use domain::permission::Permission;
use domain::text::{Tone, percent};
use islands::SearchAsTyped;
use leptos::prelude::*;
use ops::use_cases::images::TagList;

/// The search `q`, the page and the chosen `image` stand in the address. Planning needs `config.change`.
pub async fn image_page() -> Drawn {
    let (name, find) = (param("name"), query("q").chars().take(200).collect::<String>());
    let form = Form::of::<PlanImage>();
    let view = get_image(name.clone(), find.clone(), page_number()).await?.value;
    Ok(draw(&name, &find, &view, form))
}

fn draw(name: &str, find: &str, view: &ImageView, form: Form) -> AnyView {
    let about = "Which Neo4j this deployment runs. Nothing is changed before you have seen the plan.";
    let Some(image) = &view.image else {
        return no_container("Image", name, about);
    };
    let tags = match &view.tags {
        Ok(tags) => list(name, find, tags),
        Err(problem) => notice(Tone::Info, problem.title.clone(), problem.means.clone()),
    };
    page(view! {
        <PageHead title="Image" tab=format!("Image · {name}") about=about/>
        <Refused form/>
        {not_here(view.not_here.as_ref(), "The form shows the plan.")}
        <div class="main-side">
            <div class="stack">
                {may(Permission::ConfigChange).then(|| fields(name, image, view, form))}
                {tags}
            </div>
            <aside class="stack">{running(image, view)}{probes(name)}{reasons()}</aside>
        </div>
    })
}

fn fields(name: &str, present: &str, view: &ImageView, form: Form) -> AnyView {
    let chosen = query("image");
    let image = form.value_or("image", if chosen.is_empty() { present.to_owned() } else { chosen });
    let enterprise = image.contains(Edition::Enterprise.as_str()) || form.error("accept_license").is_some();
    let licence = enterprise.then(|| {
        view! {
            <Checkbox form name="accept_license" label="I accept the licence of Neo4j Enterprise"
                help="It is needed where the deployment has not accepted it yet: NEO4J_ACCEPT_LICENSE_AGREEMENT becomes yes."/>
            <FieldError form name="accept_license"/>
        }
    });
    let outage = outage(view.last_offline_ms);
    Card::new("change", "Change the image").about(format!("The image is pulled while Neo4j runs. {outage}")).body(post(
        form,
        view! {
            <div class="body">
                <input type="hidden" name="deployment" value=name.to_string()/>
                <Field form name="image" label="Image" value=image
                    help="Name and tag, for example neo4j:5.26.5. Choose one from the list, or write any other."/>
                {licence}
                <Field form name="reason" label="Why" optional=true help="Kept with the change and in the audit log."/>
            </div>
            <footer><div class="actions"><SubmitButton label="Check and show plan"/></div></footer>
        },
    ))
}

fn list(name: &str, find: &str, tags: &TagList) -> AnyView {
    let heads = [("Tag", ""), ("Edition", ""), ("Where", ""), ("", "")];
    let rows: Vec<_> = tags.page.items.iter().map(|tag| row(name, find, tag)).collect();
    let none = rows.is_empty().then(|| view! { <div class="body"><p class="quiet-text">"No tag matches."</p></div> });
    let problems: Vec<_> = [&tags.registry_problem, &tags.engine_problem]
        .into_iter()
        .flatten()
        .map(|problem| view! { <div class="body"><p class="small quiet-text">{problem.clone()}</p></div> })
        .collect();
    let sign_in = tags.wants_sign_in.as_ref().filter(|_| may(Permission::RegistryManage)).map(|host| {
        let to = format!("/registries?host={host}");
        view! { <div class="body"><p class="small"><a href=to>"Save a sign-in for "{host.to_string()}</a></p></div> }
    });
    let address = format!("/deployments/{name}/image");
    let (action, escaped) = (address.clone(), percent(find));
    view! {
        <section class="card" aria-label="Tags">
            <header>
                <form class="filters" method="get" role="search" action=action>
                    <div class="search">{icon("search")}<input class="input" type="search" name="q" value=find.to_owned() aria-label="Search the tags" placeholder="5.26, enterprise"/></div>
                    <button class="button" type="submit">"Find"</button>
                    <SearchAsTyped/>
                </form>
            </header>
            <div class="live" id="found">
                {problems}
                {sign_in}
                {table(&heads, rows)}
                {none}
                {pager(&tags.page, "tags", move |n| format!("{address}?q={escaped}&page={n}"))}
            </div>
        </section>
    }
    .into_any()
}

fn row(name: &str, find: &str, tag: &ImageTag) -> AnyView {
    let place = match (tag.present, tag.here()) {
        (true, _) => "Running now",
        (false, true) => "On the Docker host",
        (false, false) => "To be pulled",
    };
    let floats = (!tag.pinned).then(|| view! { <span class="sub">"Another image with each release"</span> });
    let edition = match tag.edition {
        Edition::Community => "Community",
        Edition::Enterprise => "Enterprise",
    };
    let to = format!("/deployments/{name}/image?q={}&image={}", percent(find), percent(&tag.image));
    let choose = (!tag.present && may(Permission::ConfigChange)).then(|| {
        view! { <a class="button small" href=to>"Choose"<span class="sr">" "{tag.tag.clone()}</span></a> }
    });
    view! {
        <tr>
            <th scope="row"><span class="mono">{tag.tag.clone()}</span>{floats}</th>
            {cell("Edition", "", edition)}
            {cell("Where", "", place)}
            {cell("", "", choose)}
        </tr>
    }
    .into_any()
}

fn running(image: &str, view: &ImageView) -> AnyView {
    let release = view.release.map_or_else(|| "The image does not tell".into(), |release| release.to_string());
    Card::new("now", "Running now").body(view! {
        <div class="body">
            <dl class="facts">
                <dt>"Image"</dt><dd><code>{image.to_owned()}</code></dd>
                <dt>"Version"</dt><dd>{release}</dd>
            </dl>
        </div>
    })
}

fn probes(name: &str) -> AnyView {
    let about =
        "Queries that matter to you, which a rehearsal of another image runs on the new version and on this one.";
    Card::new("probes", "Probe queries").about(about).body(view! {
        <footer><div class="actions"><a class="button small" href=format!("/deployments/{name}/probe-queries")>"See probe queries"</a></div></footer>
    })
}

fn reasons() -> AnyView {
    let list = vec![
        Point(
            "package",
            "Choose a full version.".into(),
            "neo4j:5 and neo4j:latest mean another image with each release: the next pull upgrades unasked.".into(),
        ),
        Point(
            "arrow-right",
            "There is no way back.".into(),
            "A newer Neo4j changes the data at its first start, and no older one opens it again. 5 goes through 5.26."
                .into(),
        ),
        Point(
            "archive",
            "The data from before is kept.".into(),
            "The new version works on a copy. If it does not come up, the old version runs again with its own data."
                .into(),
        ),
    ];
    Card::new("why", "What to know").body(view! { <div class="body">{points(list, true)}</div> })
}
