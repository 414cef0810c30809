//! Deleting a deployment.

use super::param;
use crate::Drawn;
use crate::api::deployments::get_overview;
use crate::api::new_deployments::DeleteDeployment;
use crate::components::card::Card;
use crate::components::field::{Checkbox, Field, TypedName};
use crate::components::form::{Form, SubmitButton, post};
use crate::components::items::{Point, points};
use crate::components::notice::{Refused, notice};
use crate::components::page_head::{PageHead, page};
use domain::overview::Overview;
use domain::text::{Tone, ago, plural};
use leptos::prelude::*;

/// What goes and what stays, and the name to type. Sending needs `deployment.adopt`.
pub async fn delete_deployment_page() -> Drawn {
    let name = param("name");
    let form = Form::of::<DeleteDeployment>();
    let overview = get_overview(name).await?;
    Ok(draw(&overview, form))
}

fn draw(overview: &Overview, form: Form) -> AnyView {
    let name = overview.name.to_string();
    let newest = match &overview.last_verified {
        Some(backup) => format!(
            "The newest verified backup was made {}. What was written since is in none.",
            ago(backup.made_at, overview.now)
        ),
        None => "There is no verified backup.".into(),
    };
    let list = vec![
        Point("box", "The container is removed.".into(), "Neo4j is stopped first, and clients lose it.".into()),
        Point("hard-drive", "Its volumes stay, unless you say otherwise.".into(), newest.clone()),
        backups(overview.backups),
    ];
    page(view! {
        <PageHead title=format!("Delete {name}") about="Forget it instead if only this console should let it go."/>
        <Refused form/>
        {notice(Tone::Warn, "There is no way back once the container is removed.", "")}
        {Card::new("delete", format!("{name} ends")).confirm().body(view! {
            {post(form, view! {
                <div class="body">
                    {points(list, false)}
                    <input type="hidden" name="name" value=name.clone()/>
                    <Checkbox form name="with_data" label="Also delete the volumes with its data and logs"
                        help=format!("Only with a verified backup of the last 24 hours. {newest}")/>
                    <Field form name="reason" label="Why" optional=true help="Kept with the job and in the audit log."/>
                    <TypedName form phrase=name.clone()/>
                </div>
                <footer><div class="actions"><SubmitButton label=format!("Delete {name}") class="button danger"/><a class="button plain" href=format!("/deployments/{name}")>"Cancel"</a></div></footer>
            })}
        })}
    })
}

fn backups(count: u64) -> Point {
    let title = match count {
        0 => "It has no backup.".into(),
        _ => format!("{} on the targets.", plural(count, "backup stays", "backups stay")),
    };
    let rest = if count == 0 { "" } else { "A deployment of this name can restore them." };
    Point("archive", title, rest.into())
}
