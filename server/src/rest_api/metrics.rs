//! Figures for outside watchers, as Prometheus reads them. From the console's own state: a silent Docker or Neo4j
//! changes nothing.

use super::Answer;
use crate::http::problem::Details;
use crate::site::Site;
use axum::extract::{Extension, State};
use axum::http::header;
use axum::response::IntoResponse;
use domain::deployment::DeploymentName;
use domain::freshness::Freshness;
use ops::Actor;
use ops::use_cases::alarms::ListFreshness;
use std::fmt::Write as _;

/// The same as `/metrics`. A deployment that was never backed up has no age and is overdue.
#[utoipa::path(get, path = "/metrics", tag = "notifications", responses((status = 200, body = String, content_type = "text/plain; version=0.0.4"), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn serve(State(site): State<Site>, Extension(actor): Extension<Actor>) -> Answer<impl IntoResponse> {
    let ages = site.console.ask(&actor, ListFreshness {}).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text(&ages)))
}

/// Names of deployments hold nothing that a label must escape.
fn text(ages: &[(DeploymentName, Freshness)]) -> String {
    let mut out = String::new();
    family(
        &mut out,
        "console_backup_age_seconds",
        "Seconds since the last verified backup was made.",
        ages,
        Freshness::age_seconds,
    );
    let overdue = |f: &Freshness| Some(u64::from(f.is_overdue()));
    family(
        &mut out,
        "console_backup_overdue",
        "1 when there is no verified backup as young as allowed.",
        ages,
        overdue,
    );
    out
}

fn family(
    out: &mut String,
    name: &str,
    help: &str,
    ages: &[(DeploymentName, Freshness)],
    value: impl Fn(&Freshness) -> Option<u64>,
) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge");
    for (deployment, freshness) in ages {
        if let Some(value) = value(freshness) {
            let _ = writeln!(out, "{name}{{deployment=\"{deployment}\"}} {value}");
        }
    }
}
