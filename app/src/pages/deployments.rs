//! The first page: the deployments, and the containers that could be adopted.

use crate::Drawn;
use crate::api::Timed;
use crate::api::deployments::{Home, list_deployments};
use crate::components::card::Card;
use crate::components::empty::empty;
use crate::components::icon::icon;
use crate::components::notice::{Done, notice_with};
use crate::components::page_head::{PageHead, page};
use crate::components::problem::problem_card;
use crate::components::status::{deployment_status, status};
use crate::components::table::{cell, table};
use crate::components::when::when;
use crate::visitor::may;
use chrono::{DateTime, Utc};
use domain::Problem;
use domain::deployment::DiscoveredContainer;
use domain::overview::{State, Summary};
use domain::permission::Permission;
use domain::text::{Tone, ago, file_size, plural};
use leptos::prelude::*;

/// All deployments; containers to adopt only with `deployment.adopt`.
pub async fn deployments_page() -> Drawn {
    let home = list_deployments().await?;
    Ok(draw(&home))
}

fn draw(home: &Timed<Home>) -> AnyView {
    let Timed { value: Home { deployments, found }, now } = home;
    let adopts = may(Permission::DeploymentAdopt);
    let adopt = (adopts && !deployments.is_empty()).then(|| {
        view! {
            <a class="button" href="/deployments/new">"New deployment"</a>
            <a class="button" href="/deployments/adopt">"Adopt a container"</a>
        }
        .into_any()
    });
    let list = if deployments.is_empty() { nothing_yet(adopts) } else { rows(deployments, *now) };
    page(view! {
        <PageHead title="Deployments" about=summary(deployments) actions=adopt/>
        <Done/>
        {worst(deployments)}
        {list}
        {found.as_ref().map(found_card)}
    })
}

/// “3 deployments. 1 is broken, 1 needs attention.”
fn summary(list: &[Summary]) -> String {
    if list.is_empty() {
        return "Neo4j servers that this console manages.".into();
    }
    let count = |tone: Tone| list.iter().filter(|d| d.state.tone() == tone).count();
    let parts = [
        (count(Tone::Bad), "broken", "are broken", "is broken"),
        (count(Tone::Warn), "attention", "need attention", "needs attention"),
    ];
    let said: Vec<String> =
        parts.iter().filter(|p| p.0 > 0).map(|p| format!("{} {}", p.0, if p.0 == 1 { p.3 } else { p.2 })).collect();
    let end = if said.is_empty() {
        "None is broken or needs attention.".to_string()
    } else {
        format!("{}.", said.join(", "))
    };
    format!("{}. {end}", plural(list.len() as u64, "deployment", "deployments"))
}

/// The one notice of the page: what is broken, and why.
fn worst(list: &[Summary]) -> Option<AnyView> {
    let broken = list.iter().find(|d| matches!(d.state, State::StoppedUncleanly | State::Broken))?;
    let lead = format!("{}: {}", broken.name, broken.worst.clone().unwrap_or_else(|| broken.state.words().to_string()));
    let see = view! { <a class="button small" href=format!("/deployments/{}", broken.name)>"See what happened"</a> }
        .into_any();
    Some(notice_with(Tone::Bad, lead, "", Some(see)))
}

fn rows(list: &[Summary], now: DateTime<Utc>) -> AnyView {
    let heads = [("Deployment", ""), ("State", ""), ("Version", ""), ("Last verified backup", ""), ("Seen", "spare")];
    let rows = list.iter().map(|d| row(d, now)).collect();
    view! { <section class="card" aria-label="Deployments">{table(&heads, rows)}</section> }.into_any()
}

fn row(d: &Summary, now: DateTime<Utc>) -> AnyView {
    let version = d.version.map_or_else(
        || "unknown".to_string(),
        |v| format!("{v} {}", d.edition.map(domain::image::Edition::as_str).unwrap_or_default()),
    );
    let backup = match &d.last_verified {
        Some(b) => view! { <span>{when(b.made_at, now)}<span class="sub">{format!("{}, {}", file_size(b.bytes), proven(d, now))}</span></span> }.into_any(),
        None => status(Tone::Warn, "Never"),
    };
    let seen = d.seen_at.map_or_else(|| "not yet".into_any(), |at| when(at, now));
    let owner = d.owner.as_ref().map(|o| o.as_str().to_string()).unwrap_or_default();
    let worst = d.worst.clone().map(|w| view! { <span class="sub">{w}</span> });
    view! {
        <tr>
            <th scope="row"><a class="lead" href=format!("/deployments/{}", d.name)>{d.name.to_string()}</a><span class="sub">{owner}</span></th>
            {cell("State", "", view! { <span>{deployment_status(d.state)}{worst}</span> })}
            {cell("Version", "", view! { <span>{version}<span class="sub mono">{d.image.clone()}</span></span> })}
            {cell("Last verified backup", "", backup)}
            {cell("Seen", "spare", seen)}
        </tr>
    }
    .into_any()
}

/// What the last drill showed, in a few words.
fn proven(d: &Summary, now: DateTime<Utc>) -> String {
    match (&d.drills.last_failed, &d.drills.last_passed) {
        (Some(_), _) => "last drill failed".into(),
        (None, Some(v)) => format!("proven restorable {}", ago(v.ended_at.unwrap_or(v.started_at), now)),
        (None, None) => "not verified yet".into(),
    }
}

fn nothing_yet(adopts: bool) -> AnyView {
    let why = "A deployment is one Neo4j server this console looks after. Adopt a container that already runs, or \
        make a new one. Nothing is changed until you say so.";
    let action = if adopts {
        view! {
            <a class="button primary" href="/deployments/adopt">"Adopt a container"</a>
            <a class="button" href="/deployments/new">"New deployment"</a>
        }
        .into_any()
    } else {
        view! { <p>"Ask an admin to adopt one."</p> }.into_any()
    };
    empty("database", "No deployment yet", why, Some(action))
}

fn found_card(found: &Result<Vec<DiscoveredContainer>, Problem>) -> AnyView {
    match found {
        Err(problem) => problem_card(problem, None),
        Ok(list) if list.is_empty() => ().into_any(),
        Ok(list) => view! {
            {Card::new("found", "Found, not adopted").about("These containers run Neo4j. The console does not touch \
                them until you adopt them.").body(view! {
                {found_lines(list)}
            })}
        }
        .into_any(),
    }
}

/// Also on the page that adopts.
pub fn found_lines(list: &[DiscoveredContainer]) -> AnyView {
    let lines: Vec<_> = list
        .iter()
        .map(|f| {
            let state = if f.running { "running" } else { "stopped" };
            let owner = match f.owner.as_str() {
                "compose" => "started by Compose",
                "coolify" => "owned by Coolify",
                "console" => "made by a console",
                _ => "run by hand",
            };
            view! {
                <li>
                    {icon("box")}
                    <div><b>{f.container.clone()}</b><div class="small quiet-text"><span class="mono">{f.image.clone()}</span>{format!(" · {state} · {owner}")}</div></div>
                    <a class="button end small" href=adopt_address(&f.container)>{format!("Adopt {}", f.container)}</a>
                </li>
            }
        })
        .collect();
    view! { <ul class="lines">{lines}</ul> }.into_any()
}

/// Docker's names of containers need no escaping in an address.
fn adopt_address(container: &str) -> String {
    format!("/deployments/adopt?container={container}")
}
