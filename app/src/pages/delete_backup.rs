//! Deleting one backup.

use super::param;
use crate::Drawn;
use crate::api::Timed;
use crate::api::backups::{DeleteBackup, get_backup};
use crate::components::card::Card;
use crate::components::field::TypedName;
use crate::components::form::{Form, SubmitButton, post};
use crate::components::items::{Point, points};
use crate::components::notice::Refused;
use crate::components::page_head::{PageHead, page};
use domain::backup::views::Detail;
use domain::text::{count, file_size, full_time};
use leptos::prelude::*;

/// What is lost with the backup, and the name to type. Sending needs `backup.delete`.
pub async fn delete_backup_page() -> Drawn {
    let (name, id) = (param("name"), param("backup"));
    let form = Form::of::<DeleteBackup>();
    let detail = get_backup(id).await?;
    Ok(draw(&name, &detail, form))
}

fn draw(name: &str, detail: &Timed<Detail>, form: Form) -> AnyView {
    let m = &detail.value.manifest;
    let (deployment, id) = (m.deployment.to_string(), m.id.to_string());
    let list = vec![
        Point(
            "trash-2",
            format!("{} are removed from the target.", file_size(m.bytes())),
            "There is no way back.".into(),
        ),
        Point(
            "history",
            format!("The state of {} can no longer be restored.", full_time(m.made_at)),
            format!("It holds {} nodes.", count(detail.value.nodes())),
        ),
        Point("box", format!("{deployment} itself is not touched."), "Other backups stay.".into()),
    ];
    page(view! {
        <PageHead title="Delete this backup" about=id.clone()/>
        <Refused form/>
        {Card::new("delete", format!("The backup of {} is removed", full_time(m.made_at))).confirm().body(view! {
            {post(form, view! {
                <div class="body">
                    {points(list, false)}
                    <input type="hidden" name="deployment" value=deployment.clone()/>
                    <input type="hidden" name="backup" value=id.clone()/>
                    <TypedName form phrase=deployment.clone()/>
                </div>
                <footer><div class="actions"><SubmitButton label="Delete backup" class="button danger"/><a class="button plain" href=format!("/deployments/{name}/backups/{id}")>"Cancel"</a></div></footer>
            })}
        })}
    })
}
