//! Forgetting a deployment.

use super::param;
use crate::Drawn;
use crate::api::deployments::{ForgetDeployment, get_overview};
use crate::components::card::Card;
use crate::components::field::TypedName;
use crate::components::form::{Form, SubmitButton, post};
use crate::components::items::{Point, points};
use crate::components::notice::Refused;
use crate::components::page_head::{PageHead, page};
use domain::overview::Overview;
use domain::text::plural;
use leptos::prelude::*;

/// What stays and what ends, and the name to type. Sending needs `deployment.adopt`.
pub async fn forget_page() -> Drawn {
    let name = param("name");
    let form = Form::of::<ForgetDeployment>();
    let overview = get_overview(name).await?;
    Ok(draw(&overview, form))
}

fn draw(overview: &Overview, form: Form) -> AnyView {
    let name = overview.name.to_string();
    let list = vec![
        Point(
            "eye-off",
            "The console no longer monitors it.".into(),
            "No findings, no backups, no restarts from here.".into(),
        ),
        Point("box", "The container goes on as it is.".into(), "Neither it nor its volumes are touched.".into()),
        Point(
            "archive",
            format!("{} stay where they are.", plural(overview.backups, "backup", "backups")),
            "Adopt it again under the same name to restore them.".into(),
        ),
    ];
    page(view! {
        <PageHead title=format!("Forget {name}") about="Only the console’s record is removed."/>
        <Refused form/>
        {Card::new("forget", format!("{name} leaves this console")).confirm().body(view! {
            {post(form, view! {
                <div class="body">
                    {points(list, false)}
                    <input type="hidden" name="name" value=name.clone()/>
                    <TypedName form phrase=name.clone()/>
                </div>
                <footer><div class="actions"><SubmitButton label=format!("Forget {name}") class="button danger"/><a class="button plain" href=format!("/deployments/{name}")>"Cancel"</a></div></footer>
            })}
        })}
    })
}
