//! Evaluates what to notify about: ages of backups and missed runs from state alone, ends of jobs in the order they
//! came.

use super::evaluation::Evaluation;
use crate::console::state::AppState;
use crate::engine::freshness::freshness;
use crate::engine::replaced::replaced;
use crate::error::{Error, Result};
use crate::store::{JobEnd, Outbox};
use chrono::{DateTime, Utc};
use domain::alarm::event::{Event, Kind};
use domain::deployment::DeploymentName;
use domain::job::JobBrief;

async fn evaluation(state: &AppState) -> Result<Evaluation> {
    Ok(Evaluation::new(state.store.channels().await?, state.store.open_alarms().await?))
}

/// Every deployment's last verified backup against what is allowed, its schedules and its data.
pub(super) async fn ages(state: &AppState) -> Result<()> {
    let mut evaluation = evaluation(state).await?;
    let now = state.ports.clock.now();
    for row in state.store.deployments().await? {
        for (kind, event) in present(state, &row.name, now).await? {
            match event {
                Some(event) => evaluation.begins(&event, state.store.alarm_settings(&row.name).await?.repeat),
                None => evaluation.over(kind, &row.name, now),
            }
        }
    }
    match evaluation.take() {
        nothing if nothing == Outbox::default() => Ok(()),
        news => state.store.enqueue(&news, None).await,
    }
}

/// Each alarm that state alone decides, and what it says now; none when it is over.
async fn present(
    state: &AppState,
    deployment: &DeploymentName,
    now: DateTime<Utc>,
) -> Result<[(Kind, Option<Event>); 3]> {
    let (freshness, _) = freshness(&state.store, deployment, now).await?;
    let missed = state.store.missed_last(deployment, now).await?;
    let seen = state.observer.last(deployment);
    let replaced = replaced(&state.store, deployment, seen.as_deref()).await?;
    Ok([
        (Kind::Overdue, freshness.is_overdue().then(|| Event::overdue(deployment, &freshness))),
        (Kind::RunMissed, Event::run_missed(deployment, &missed, now)),
        (Kind::DataReplaced, replaced.map(|replaced| Event::data_replaced(deployment, &replaced, now))),
    ])
}

/// All ends of jobs that were not looked at. Each is told and done with in one transaction.
pub(super) async fn ends(state: &AppState) -> Result<()> {
    loop {
        let ends = state.store.job_ends().await?;
        if ends.is_empty() {
            return Ok(());
        }
        let mut evaluation = evaluation(state).await?;
        for end in ends {
            // One that cannot be read must not keep all later ones from being told.
            match look_at(state, &mut evaluation, end).await {
                Err(Error::Internal(incident)) => tracing::error!(
                    job = end.job.0,
                    incident = incident.report(),
                    "could not enqueue the notification of a job"
                ),
                other => other?,
            }
            state.store.enqueue(&evaluation.take(), Some(end)).await?;
        }
    }
}

async fn look_at(state: &AppState, evaluation: &mut Evaluation, end: JobEnd) -> Result<()> {
    let now = state.ports.clock.now();
    let row = state.store.job(end.job).await?;
    // The job may have gone on since, out of a stuck state.
    let job = JobBrief { state: end.state, ..row.brief };
    let settings = state.store.alarm_settings(&job.deployment).await?;
    for kind in Event::over_with(&job, row.problem.as_ref()) {
        evaluation.over(*kind, &job.deployment, now);
    }
    if let Some(event) = Event::of_ended(&job, row.problem.as_ref(), now) {
        evaluation.begins(&event, settings.repeat);
    }
    if let Some(event) = Event::backup_verified(&job, now).filter(|_| settings.ping.is_some()) {
        evaluation.ping(event);
    }
    Ok(())
}
