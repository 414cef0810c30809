//! Starting, stopping or restarting a deployment.

use super::{param, query};
use crate::Drawn;
use crate::api::deployments::{OperateDeployment, get_overview};
use crate::components::card::Card;
use crate::components::field::Field;
use crate::components::form::{Form, SubmitButton, post};
use crate::components::items::{Point, points};
use crate::components::notice::Refused;
use crate::components::page_head::{PageHead, page};
use domain::overview::Overview;
use leptos::prelude::*;

/// What stopping, starting and restarting mean, in words.
struct Words {
    verb: &'static str,
    about: &'static str,
    points: [(&'static str, &'static str, &'static str); 3],
    class: &'static str,
}

const STOP_CLEANLY: (&str, &str, &str) = (
    "shield-check",
    "It is stopped cleanly.",
    "Neo4j gets at least 180 s to write everything, and its exit code is checked.",
);
const _: () = assert!(domain::container::STOP_SECONDS == 180, "as the words above say");

fn words_of(operation: &str) -> Words {
    match operation {
        "start" => Words {
            verb: "Start",
            about: "Starts the container and waits until Neo4j answers.",
            points: [
                (
                    "clock",
                    "It takes from seconds to minutes.",
                    "Longer after an unclean stop: Neo4j then recovers its store.",
                ),
                ("eye", "The job waits until Neo4j answers,", "so “Done” means it accepts queries."),
                ("undo-2", "If it does not answer,", "the container is left running and its log says why."),
            ],
            class: "button primary",
        },
        "stop" => Words {
            verb: "Stop",
            about: "It stays stopped until somebody starts it again.",
            points: [
                ("clock", "Offline until it is started again.", "Applications using it get errors meanwhile."),
                STOP_CLEANLY,
                ("hard-drive", "Nothing is lost.", "Container, volumes and settings stay as they are."),
            ],
            class: "button danger",
        },
        _ => Words {
            verb: "Restart",
            about: "Stops it cleanly and starts it again.",
            points: [
                ("clock", "Offline for the time of a stop and a start.", "Applications using it get errors meanwhile."),
                STOP_CLEANLY,
                ("eye", "The job waits until Neo4j answers,", "so “Done” means it accepts queries again."),
            ],
            class: "button danger",
        },
    }
}

/// What the operation `do` of the address means, and the form. Sending needs `deployment.operate`.
pub async fn operate_page() -> Drawn {
    let (name, operation) = (param("name"), query("do"));
    let form = Form::of::<OperateDeployment>();
    let overview = get_overview(name).await?;
    Ok(draw(&overview, &operation, form))
}

fn draw(overview: &Overview, operation: &str, form: Form) -> AnyView {
    let name = overview.name.to_string();
    let words = words_of(operation);
    let list = words.points.iter().map(|(icon, what, means)| Point(icon, (*what).into(), (*means).into())).collect();
    let (title, label) = (format!("{} {name}", words.verb), format!("{} {name}", words.verb));
    let card = Card::new("operate", title.clone());
    let card = if words.class == "button danger" { card.confirm() } else { card };
    page(view! {
        <PageHead title=title about=words.about/>
        <Refused form/>
        {card.body(view! {
            {post(form, view! {
                <div class="body">
                    {points(list, false)}
                    <input type="hidden" name="name" value=name.clone()/>
                    <input type="hidden" name="operation" value=words.verb.to_lowercase()/>
                    <Field form name="reason" label="Why" optional=true help="Kept with the job and in the audit log."/>
                </div>
                <footer><div class="actions"><SubmitButton label class=words.class/><a class="button plain" href=format!("/deployments/{name}")>"Cancel"</a></div></footer>
            })}
        })}
    })
}
