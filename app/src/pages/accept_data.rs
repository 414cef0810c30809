//! Accepting data that is not that of the backups.

use super::param;
use crate::Drawn;
use crate::api::deployments::{AcceptData, get_overview};
use crate::components::card::Card;
use crate::components::field::TypedName;
use crate::components::form::{Form, SubmitButton, post};
use crate::components::items::{Point, points};
use crate::components::notice::{Refused, notice};
use crate::components::page_head::{PageHead, page};
use domain::overview::Overview;
use domain::replaced::Replaced;
use domain::text::{Tone, full_time};
use leptos::prelude::*;

/// Shows what was replaced and asks for the deployment's name, or says there is nothing to accept.
pub async fn accept_data_page() -> Drawn {
    let name = param("name");
    let form = Form::of::<AcceptData>();
    let overview = get_overview(name).await?;
    Ok(draw(&overview, form))
}

fn draw(overview: &Overview, form: Form) -> AnyView {
    let name = overview.name.to_string();
    let body = match &overview.replaced {
        Some(replaced) => ask(&name, replaced, form),
        None => notice(Tone::Good, "There is nothing to accept.", "The data is that of the backups."),
    };
    page(view! {
        <PageHead title=format!("Accept the data of {name}") about="Only if the current data is the one you want to keep."/>
        <Refused form/>
        {body}
    })
}

fn ask(name: &str, replaced: &Replaced, form: Form) -> AnyView {
    let made = full_time(replaced.former.made_at);
    let restore = format!("/deployments/{name}/restore/{}", replaced.former.id);
    let list = vec![
        Point("triangle-alert", replaced.what().into(), replaced.why()),
        Point(
            "trash-2",
            format!("The backup of {made} may then be removed,"),
            "as the rules of its schedule say. Pin it to keep it.".into(),
        ),
        Point("box", "Neo4j is not touched.".into(), "The alarm ends.".into()),
    ];
    view! {
        {Card::new("accept", format!("{name} keeps the data it has now")).confirm().body(view! {
            {post(form, view! {
                <div class="body">
                    {points(list, false)}
                    <input type="hidden" name="name" value=name.to_string()/>
                    <TypedName form phrase=name.to_string()/>
                </div>
                <footer><div class="actions">
                    <SubmitButton label="Accept the current data" class="button danger"/>
                    <a class="button" href=restore>"Restore that backup…"</a>
                    <a class="button plain" href=format!("/deployments/{name}")>"Cancel"</a>
                </div></footer>
            })}
        })}
    }
    .into_any()
}
