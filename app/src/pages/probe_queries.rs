//! The probe queries of a deployment; one of them is changed or removed when `probe` of the address names it.

use super::{param, query};
use crate::Drawn;
use crate::api::probe_queries::{RemoveProbeQuery, SaveProbeQuery, list_probe_queries};
use crate::components::card::Card;
use crate::components::field::{Field, Kind};
use crate::components::form::{Form, SubmitButton, post};
use crate::components::notice::{Done, Refused};
use crate::components::page_head::{PageHead, page};
use crate::components::table::{cell, table};
use crate::visitor::may;
use domain::database::DatabaseName;
use domain::permission::Permission;
use domain::probe_query::{MOST, ProbeQuery};
use domain::text::percent;
use leptos::prelude::*;

/// Changing them needs `config.change`.
pub async fn probe_queries_page() -> Drawn {
    let (name, chosen) = (param("name"), query("probe"));
    let (save, remove) = (Form::of::<SaveProbeQuery>(), Form::of::<RemoveProbeQuery>());
    let all = list_probe_queries(name.clone()).await?;
    let chosen = all.iter().find(|probe| probe.name.as_str() == chosen);
    let about = "A rehearsal of another image runs these on a copy with the new version and on the server of today, and \
        tells whether they still run and how long they take. What they answer is never kept.";
    let forms = may(Permission::ConfigChange).then(|| {
        view! { {fields(&name, chosen, save)}{chosen.map(|probe| removing(&name, probe, remove))} }
    });
    Ok(page(view! {
        <PageHead title="Probe queries" tab=format!("Probe queries · {name}") about=about/>
        <Done/>
        <Refused form=save/>
        <Refused form=remove/>
        <div class="stack">{list(&name, &all)}{forms}</div>
    }))
}

fn list(name: &str, all: &[ProbeQuery]) -> AnyView {
    if all.is_empty() {
        let about = "Add the few queries that your programs rest on.";
        return Card::new("none", "No probe query yet").about(about).body(());
    }
    let heads = [("Name", ""), ("Database", ""), ("Query", "spare"), ("", "")];
    let rows = all.iter().map(|probe| row(name, probe)).collect();
    view! { <section class="card" aria-label="Probe queries">{table(&heads, rows)}</section> }.into_any()
}

fn row(name: &str, probe: &ProbeQuery) -> AnyView {
    let shown = probe.name.to_string();
    let to = format!("/deployments/{name}/probe-queries?probe={}", percent(&shown));
    let change = may(Permission::ConfigChange).then(|| {
        view! { <a class="button small" href=to>"Change or remove"<span class="sr">": "{shown.clone()}</span></a> }
    });
    view! {
        <tr>
            <th scope="row">{shown.clone()}</th>
            {cell("Database", "", probe.database.to_string())}
            {cell("Query", "spare", view! { <code>{probe.query.as_str().to_owned()}</code> })}
            <td class="end-cell">{change}</td>
        </tr>
    }
    .into_any()
}

fn fields(name: &str, probe: Option<&ProbeQuery>, form: Form) -> AnyView {
    let title = if probe.is_some() { "Change this probe query" } else { "Add a probe query" };
    let about = format!("At most {MOST}. Neo4j is asked whether it would run it, and refuses one that would write.");
    let database = probe.map(|probe| probe.database.clone()).unwrap_or_default();
    let name_now = probe.map(|probe| probe.name.to_string()).unwrap_or_default();
    let text = probe.map(|probe| probe.query.as_str().to_owned()).unwrap_or_default();
    Card::new("save", title).about(about).body(post(
        form,
        view! {
            <div class="body">
                <input type="hidden" name="deployment" value=name.to_string()/>
                <div class="pair">
                    <Field form name="name" label="Name" value=name_now help="One of this name is replaced."/>
                    <Field form name="database" label="Database" value=database.to_string()
                        help=format!("On Community {} unless it was renamed.", DatabaseName::default())/>
                </div>
                <Field form name="query" label="Query" kind=Kind::Keys value=text
                    help="One statement of Cypher that only reads. Best with few rows, such as a count or a LIMIT."/>
            </div>
            <footer><div class="actions"><SubmitButton label="Save probe query"/></div></footer>
        },
    ))
}

fn removing(name: &str, probe: &ProbeQuery, form: Form) -> AnyView {
    let about = format!("{} is not run in rehearsals any more.", probe.name);
    Card::new("remove", "Remove this probe query").about(about).body(post(
        form,
        view! {
            <input type="hidden" name="deployment" value=name.to_string()/>
            <input type="hidden" name="name" value=probe.name.to_string()/>
            <footer><div class="actions"><SubmitButton label="Remove probe query" class="button danger"/></div></footer>
        },
    ))
}
