//! The overview of a deployment: where am I, is it well, what runs now, what may I do next.

mod facts;
mod picture;

use super::param;
use crate::Drawn;
use crate::api::deployments::{RefreshDeployment, get_overview};
use crate::components::card::Card;
use crate::components::figures::{Figure, figure, figures};
use crate::components::form::{Form, SubmitButton, post};
use crate::components::icon::icon;
use crate::components::items::findings;
use crate::components::memory_bar::memory_bar;
use crate::components::notice::{Done, Refused, notice};
use crate::components::page_head::{PageHead, page};
use crate::components::problem::problem_card;
use crate::components::status::{badge, deployment_status, job_badge};
use crate::components::topology::topology;
use crate::components::when::when;
use crate::visitor::may;
use domain::deployment::Health;
use domain::finding::Finding;
use domain::job::JobBrief;
use domain::overview::{Overview, State};
use domain::permission::Permission;
use domain::text::{Tone, ago, count, file_size, plural};
use leptos::prelude::*;

/// The deployment of the address (`deployment.view`); actions only for what the member may do.
pub async fn overview_page() -> Drawn {
    let name = param("name");
    let form = Form::of::<RefreshDeployment>();
    let overview = get_overview(name).await?;
    Ok(draw(&overview, form))
}

fn draw(o: &Overview, form: Form) -> AnyView {
    page(view! {
        <PageHead title=o.name.to_string() state=deployment_status(o.state) about=facts::sentence(o) actions=actions(o)/>
        <Done/>
        <Refused form/>
        {o.seen.problem.as_ref().map(|p| problem_card(p, Some(look_again(o, form))))}
        {o.job.as_ref().map(running)}
        {figures(numbers(o))}
        {findings_card(o)}
        {Card::new("topology", "Connections").body(view! {<div class="body">{topology(picture::stages(o))}</div>})}
        <div class="columns two">
            {Card::new("memory", "Memory").body(view! {<div class="body">{memory_bar(&o.seen.server.memory)}<p class="small quiet-text">{facts::memory_sentence(&o.seen.server.memory)}</p></div>})}
            {Card::new("disk", "Disk").body(view! {<div class="body">{facts::disk(o)}</div>})}
            {Card::new("identity", "Identity").body(view! {<div class="body">{facts::identity(o)}</div>})}
            {Card::new("databases", "Databases").body(view! {{facts::databases(o)}})}
            {Card::new("proof", "Restorable").body(view! {{proof(o)}})}
            {Card::new("jobs", "Latest jobs").body(view! {{latest_jobs(o)}})}
            {Card::new("seen", "Last refresh").body(view! {<div class="body"><p class="small">"Refreshed " {when(o.seen.at, o.now)} ". Refreshes automatically every few seconds."</p>{look_again(o, form)}</div>})}
        </div>
    })
}

/// Results of the drills.
fn proof(o: &Overview) -> AnyView {
    let proven = match &o.drills.last_passed {
        Some(v) => view! {
            <p>{badge(Tone::Good, "Proven restorable")}" "{when(v.ended_at.unwrap_or(v.started_at), o.now)}</p>
            <p class="small quiet-text">{format!("{} nodes, {} relationships, 0 problems.", count(v.nodes.unwrap_or_default()), count(v.relationships.unwrap_or_default()))}</p>
        }
        .into_any(),
        None if o.drills.all_encrypted => view! {
            <p>{badge(Tone::Idle, "No drill possible")}</p>
            <p class="small quiet-text">"All copies of its backups are encrypted, and the console has no identity, so \
                no drill can run. Also keep an unencrypted copy, or test a restore by hand."</p>
        }
        .into_any(),
        None => view! { <p>{badge(Tone::Idle, "Not proven yet")}</p><p class="small quiet-text">"A drill restores the \
            newest backup into a scratch server and counts it."</p> }.into_any(),
    };
    let failed = o.drills.last_failed.as_ref().map(|v| {
        let why = v.problem.as_ref().map(|p| p.title.clone()).unwrap_or_default();
        view! { <p>{badge(Tone::Bad, "Last drill failed")}" "{when(v.started_at, o.now)}</p><p class="small quiet-text">{why}</p> }
    });
    view! { <div class="body">{failed}{proven}<p class="small"><a href=format!("/deployments/{}/drills", o.name)>"Drills"</a></p></div> }.into_any()
}

fn look_again(o: &Overview, form: Form) -> AnyView {
    view! { {post(form, view! {<input type="hidden" name="name" value=o.name.to_string()/><SubmitButton label="Refresh now" class="button"/>})} }.into_any()
}

fn actions(o: &Overview) -> AnyView {
    let base = format!("/deployments/{}", o.name);
    let name = o.name.to_string();
    let free = o.job.is_none();
    let backup = (may(Permission::BackupRun) && free).then(
        || view! { <a class="button primary" href=format!("{base}/backups/new")>{icon("archive")}"Back up now"</a> },
    );
    let stopped = matches!(o.state, State::Stopped | State::StoppedUncleanly);
    let operates = may(Permission::DeploymentOperate) && free;
    let operate = operates.then(|| {
        if stopped {
            view! { <a href=format!("{base}/operate?do=start")>{icon("rotate-cw")}{format!("Start {name}…")}</a> }
                .into_any()
        } else {
            view! {
                <a href=format!("{base}/operate?do=restart")>{icon("rotate-cw")}{format!("Restart {name}…")}</a>
                <a href=format!("{base}/operate?do=stop")>{icon("circle-stop")}{format!("Stop {name}…")}</a>
            }
            .into_any()
        }
    });
    let adopts = may(Permission::DeploymentAdopt);
    let forget = adopts.then(|| {
        view! {
            <div class="split"></div>
            <a href=format!("{base}/environment")>{icon("server")}"Change environment…"</a>
            <a href=format!("{base}/credentials")>{icon("key-round")}"Change credentials…"</a>
            <a href=format!("{base}/compose")>{icon("file-text")}"Compose file"</a>
            <a href=format!("{base}/forget")>{icon("eye-off")}"Forget (console only)…"</a>
            <a href=format!("{base}/delete")>{icon("ban")}"Delete…"</a>
        }
    });
    let menu = (operates || adopts).then(|| view! {
        <details class="menu"><summary class="button">{if stopped { "Start or forget" } else { "Restart or stop" }}{icon("chevron-down")}</summary><div>{operate}{forget}</div></details>
    });
    view! { {backup}{menu} }.into_any()
}

fn running(job: &JobBrief) -> AnyView {
    let percent = job.percent.map(|p| p.to_string());
    let words = percent.as_ref().map_or_else(|| job.state.words().to_string(), |p| format!("{p}\u{202f}%"));
    let note = (job.state == domain::job::State::Stuck)
        .then(|| notice(Tone::Bad, "This job could not be undone by itself.", "Open it and see what to do."));
    view! {
        {note}
        <section class="card" aria-labelledby="running"><div class="body running">
            <div class="row apart"><h2 id="running">{format!("{} {}", job.kind.doing(), job.deployment)}</h2><a href=format!("/jobs/{}", job.id) class="small">"Open job"</a></div>
            <progress class="progress" value=percent max="100" aria-labelledby="running">{words.clone()}</progress>
            <p class="numbers"><span>{words}</span><span>{format!("asked by {}", job.by)}</span></p>
        </div></section>
    }
    .into_any()
}

fn numbers(o: &Overview) -> Vec<Figure> {
    let backup = match &o.last_verified {
        Some(b) => {
            let tone = if o.freshness.is_overdue() { Tone::Warn } else { Tone::Good };
            figure("Last verified backup", when(b.made_at, o.now), format!("{}, read back", file_size(b.bytes)))
                .tone(tone)
        }
        None => figure("Last verified backup", "Never".into_any(), "nothing to restore from").tone(Tone::Bad),
    };
    let answers = match &o.seen.health {
        Health::Answers => "signed in over Bolt".to_string(),
        Health::Starting => "starting".into(),
        Health::Silent(_) => "silent".into(),
        Health::CredentialsRefused => "password refused".into(),
        Health::PasswordChangeRequired => "password change required".into(),
        Health::NotRunning => "not running".into(),
        Health::KeepsRestarting(_) => "keeps restarting".into(),
        Health::Unknown(_) => "unknown".into(),
    };
    let server = &o.seen.server;
    let known = |n: Option<u64>| n.map_or_else(|| "Unknown".into_any(), |n| count(n).into_any());
    let read = o.seen.server_at.map(|at| format!(", read {}", ago(at, o.now))).unwrap_or_default();
    let relationships = server.relationships.map_or_else(
        || "not counted at the last refresh".to_string(),
        |n| format!("{}{read}", plural(n, "relationship", "relationships")),
    );
    let store = o.seen.room.map_or_else(|| "Unknown".into_any(), |r| file_size(r.used).into_any());
    let free = o.seen.room.map_or_else(|| answers.clone(), |r| format!("{} free", file_size(r.free)));
    vec![
        backup,
        figure("Backups", count(o.restorable).into_any(), backups_note(o)),
        figure("Nodes", known(server.nodes), relationships),
        figure("Data", store, free),
    ]
}

fn backups_note(o: &Overview) -> String {
    match o.backups - o.restorable.min(o.backups) {
        0 => "that can be restored".into(),
        n => format!("that can be restored, {} that cannot", count(n)),
    }
}

fn findings_card(o: &Overview) -> AnyView {
    let title = match o.findings.len() {
        0 => "No findings".to_string(),
        n => plural(n as u64, "finding", "findings"),
    };
    let base = format!("/deployments/{}", o.name);
    let body = if o.findings.is_empty() {
        view! { <div class="body"><p>"No problems found."</p></div> }.into_any()
    } else {
        findings(&o.findings, |f| way(&base, f, o.job.is_none()))
    };
    view! { {Card::new("findings", title).body(view! {{body}})} }.into_any()
}

/// The page that helps with a finding, for those who may use it.
fn way(base: &str, finding: &Finding, free: bool) -> Option<AnyView> {
    let (to, words, needs) = match finding.code.as_str() {
        "no_backup" | "backup_old" if free => ("backups/new", "Back up now", Permission::BackupRun),
        "credentials_refused" | "password_change_required" => {
            ("credentials", "Enter password", Permission::DeploymentAdopt)
        }
        "unclean_stop" if free => ("operate?do=start", "Start…", Permission::DeploymentOperate),
        "out_of_memory" | "memory_over_limit" if free => ("memory", "Change memory", Permission::ConfigChange),
        "drift" => ("changes", "Show", Permission::DeploymentView),
        "data_replaced" => ("accept-data", "Restore or accept…", Permission::BackupDelete),
        "container_gone" => ("forget", "Forget…", Permission::DeploymentAdopt),
        _ => return None,
    };
    may(needs).then(|| view! { <a class="button small" href=format!("{base}/{to}")>{words}</a> }.into_any())
}

fn latest_jobs(o: &Overview) -> AnyView {
    if o.recent_jobs.is_empty() {
        return view! { <div class="body"><p class="quiet-text">"Nothing was done from here yet."</p></div> }
            .into_any();
    }
    let lines: Vec<_> = o
        .recent_jobs
        .iter()
        .map(|j| {
            view! {
                <li>
                    <div><a class="lead" href=format!("/jobs/{}", j.id)>{j.kind.noun()}</a><div class="small quiet-text">{j.by.clone()}" · "{when(j.created_at, o.now)}</div></div>
                    <span class="end">{job_badge(j.state)}</span>
                </li>
            }
        })
        .collect();
    view! { <ul class="lines">{lines}</ul> }.into_any()
}
