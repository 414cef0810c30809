//! The page of a job. While it is live the page asks for it again and again; without JavaScript it loads itself again.

mod result;

use super::param;
use crate::Drawn;
use crate::api::jobs::{CancelJob, RetryUndo, get_job};
use crate::components::card::{Card, code, facts, words};
use crate::components::form::{Form, SubmitButton, post};
use crate::components::items::{Point, points};
use crate::components::job_progress::job_progress;
use crate::components::log::log;
use crate::components::notice::{Done, Refused, notice, notice_with};
use crate::components::page_head::{PageHead, page};
use crate::components::status::job_status;
use crate::components::steps::steps;
use crate::components::when::{at_clock, when, when_exactly};
use crate::visitor::may;
use domain::job::{JobView, Kind, State};
use domain::permission::Permission;
use domain::text::{Tone, count, duration};
use leptos::prelude::*;

/// How often a live job is asked for, in ms.
const EVERY: &str = "1500";

/// The job of the address, asked for again while it is live. Without JavaScript the page loads itself again.
pub async fn job_page() -> Drawn {
    let form = Form::of::<RetryUndo>();
    let job = get_job(param("id")).await?;
    Ok(draw(&job, form))
}

/// An answer that does not come leaves the last one standing, and says so.
fn draw(job: &JobView, form: Form) -> AnyView {
    // Also one that is stuck: somebody else may try its undo again.
    let live = job.brief.state.is_live().then(|| format!("/jobs/{}", job.brief.id));
    let reload = matches!(job.brief.state, State::Queued | State::Running).then(|| {
        view! { <noscript><meta http-equiv="refresh" content="5"/><p class="small quiet-text">"This page loads itself again every 5 s."</p></noscript> }
    });
    page(view! {
        {reload}
        <div class="live" id="head" data-live=live.clone() data-every=EVERY>{head(job)}</div>
        <Done/>
        <Refused form/>
        <div class="live" id="job" data-live=live data-every=EVERY>
            <div class="silent">{notice(Tone::Idle, "The console does not answer at the moment.", "The job continues. This page retries.")}</div>
            {work(job, form)}
        </div>
    })
}

fn head(job: &JobView) -> AnyView {
    let b = &job.brief;
    let reason = if b.reason.is_empty() { ".".to_string() } else { format!(": “{}”", b.reason) };
    let about = view! { "Asked for " {when(b.created_at, job.now)} {format!(" by {}{reason}", b.by)} };
    let cancels = job.can_cancel && !job.cancel_requested && may(Permission::JobCancel);
    let cancel =
        cancels.then(|| view! { <a class="button" href=format!("/jobs/{}/cancel", b.id)>{format!("Cancel {}…", b.kind.noun().to_lowercase())}</a> }.into_any());
    view! { <PageHead title=format!("{} of {}", b.kind.noun(), b.deployment) state=job_status(b.state) about=about.into_any() actions=cancel/> }.into_any()
}

fn work(job: &JobView, form: Form) -> AnyView {
    let live = matches!(job.brief.state, State::Queued | State::Running);
    let cancelling = job.cancel_requested && live;
    view! {
        {result::problem(job, form)}
        {result::success(job)}
        {live.then(|| job_progress(job))}
        {job.waits_for.map(|other| notice(
            Tone::Info,
            format!("Waiting for job {other}."),
            "Both need much memory and disk of the same Docker host, so one runs after the other. Neo4j runs on meanwhile.",
        ))}
        {cancelling.then(|| notice(Tone::Warn, "Cancelling.", "The current step ends first, then everything that was \
            changed is undone."))}
        {offline(job)}
        <div class="main-side">
            <div class="stack">
                {result::set_aside(job)}
                {Card::new("steps", "Steps").body(view! {<div class="body">{steps(&job.steps)}</div>})}
                {Card::new("log", "Log").body(view! {{log(&job.log)}})}
            </div>
            <aside class="stack">{Card::new("this", "This job").body(view! {<div class="body">{this_job(job)}</div>})}{live.then(|| if_cancelled(job.brief.kind))}</aside>
        </div>
    }
    .into_any()
}

/// Says when the server is back while the job still goes on.
fn offline(job: &JobView) -> Option<AnyView> {
    if job.brief.state != State::Running {
        return None;
    }
    let name = &job.brief.deployment;
    match (job.offline_from, job.offline_to) {
        (Some(from), Some(to)) => {
            let took = duration((to - from).num_seconds().max(0) as u64);
            Some(notice(
                Tone::Good,
                format!("{name} is online again."),
                format!("It was offline for {took}. The rest of this job does not disturb it."),
            ))
        }
        (Some(from), None) => {
            let since = duration((job.now - from).num_seconds().max(0) as u64);
            Some(notice(
                Tone::Warn,
                format!("{name} is offline since {since}."),
                "Applications using it get errors until it starts again.",
            ))
        }
        _ => None,
    }
}

fn this_job(job: &JobView) -> AnyView {
    let b = &job.brief;
    let mut list = vec![
        ("Number", words(count(b.id.0.unsigned_abs()))),
        (
            "Deployment",
            view! { <a href=format!("/deployments/{}", b.deployment)>{b.deployment.to_string()}</a> }.into_any(),
        ),
        ("By", words(b.by.clone())),
        ("Asked", when_exactly(b.created_at)),
    ];
    if let Some(at) = job.started_at {
        list.push(("Started", at_clock(at)));
    }
    if let Some(at) = b.ended_at {
        list.push(("Ended", when_exactly(at)));
    }
    if let (Some(from), Some(to)) = (job.offline_from, job.offline_to) {
        list.push(("Offline", words(duration((to - from).num_seconds().max(0) as u64))));
    }
    if let Some(backup) = job.result.as_ref().and_then(|r| r.backup.clone()) {
        list.push((
            "Backup",
            view! { <a href=format!("/deployments/{}/backups/{backup}", b.deployment)>{code(backup.to_string())}</a> }
                .into_any(),
        ));
    }
    if let Some(made) = job.result.as_ref().and_then(|r| r.deployment.as_ref()) {
        list.push((
            "New deployment",
            view! { <a href=format!("/deployments/{made}")>{made.to_string()}</a> }.into_any(),
        ));
    }
    if !b.reason.is_empty() {
        list.push(("Reason", words(b.reason.clone())));
    }
    facts(list)
}

fn if_cancelled(kind: Kind) -> AnyView {
    let text = match kind {
        Kind::Backup => "The server runs on or is started again. What was written so far is removed.",
        Kind::Restore => "The current data stays or is put back, and the server starts as it was before.",
        Kind::RestoreAsNew => {
            "What was made for the new deployment is removed. The server it is made beside was never touched."
        }
        Kind::Change => "The old container is kept until the end. It gets its name back and is started again.",
        Kind::CreateDeployment => "Its container and its volumes are removed, and it is gone from the deployments.",
        Kind::DeleteDeployment => {
            "Until the container is removed, Neo4j is started again. After that there is no way back."
        }
        Kind::Prune => "Backups that were already removed stay removed; the others stay where they are.",
        Kind::UndoRestore
        | Kind::RemoveSetAside
        | Kind::Verify
        | Kind::Drill
        | Kind::Rehearsal
        | Kind::ProveDump
        | Kind::Start
        | Kind::Stop
        | Kind::Restart => "Everything that was changed is undone.",
    };
    view! { {Card::new("if", "If it fails or is cancelled").body(view! {<div class="body"><p class="small">{text}</p></div>})} }.into_any()
}

/// What cancelling does, and the button for it. Sending needs `job.cancel`.
pub async fn cancel_job_page() -> Drawn {
    let id = param("id");
    let form = Form::of::<CancelJob>();
    let job = get_job(id).await?;
    Ok(cancel_page(&job, form))
}

fn cancel_page(job: &JobView, form: Form) -> AnyView {
    let (id, name) = (job.brief.id.to_string(), job.brief.deployment.to_string());
    let noun = job.brief.kind.noun().to_lowercase();
    let list = vec![
        Point(
            "clock",
            "The current step ends first.".into(),
            "Stopping in the middle of one could leave something half done.".into(),
        ),
        Point("undo-2", "Then everything that was changed is undone,".into(), "last step first.".into()),
        Point("box", format!("{name} is as before."), "If it was running before, it runs again.".into()),
    ];
    if !job.can_cancel || job.cancel_requested {
        let open = view! { <a class="button small" href=format!("/jobs/{id}")>"Open job"</a> }.into_any();
        let words = notice_with(
            Tone::Idle,
            format!("This {noun} cannot be cancelled now."),
            "It has ended, or it is already being undone.",
            Some(open),
        );
        return page(view! { <PageHead title=format!("Cancel the {noun} of {name}")/>{words} });
    }
    page(view! {
        <PageHead title=format!("Cancel the {noun} of {name}")/>
        <Refused form/>
        {Card::new("cancel", format!("The {noun} stops and is undone")).confirm().body(view! {
            {post(form, view! {
                <div class="body">{points(list, false)}<input type="hidden" name="job" value=id.clone()/></div>
                <footer><div class="actions"><SubmitButton label=format!("Cancel {noun}") class="button danger"/><a class="button plain" href=format!("/jobs/{id}")>"Let it go on"</a></div></footer>
            })}
        })}
    })
}
