//! Looks for what to tell: the ages of the backups and the missed runs from state alone, and the ends of jobs in the order they came.

use super::teller::Teller;
use crate::console::state::AppState;
use crate::engine::freshness::freshness;
use crate::engine::replaced::replaced;
use crate::error::{Error, Result};
use crate::store::{JobEnd, News};
use chrono::{DateTime, Utc};
use domain::alarm::event::{Event, Kind};
use domain::deployment::DeploymentName;
use domain::job::JobBrief;

async fn teller(inner: &AppState) -> Result<Teller> {
    Ok(Teller::new(inner.store.channels().await?, inner.store.open_alarms().await?))
}

/// Every deployment's last verified backup against what is allowed, its schedules and its data.
pub(super) async fn ages(inner: &AppState) -> Result<()> {
    let mut teller = teller(inner).await?;
    let now = inner.ports.clock.now();
    for row in inner.store.deployments().await? {
        for (kind, event) in present(inner, &row.name, now).await? {
            match event {
                Some(event) => teller.begins(&event, inner.store.watch(&row.name).await?.repeat),
                None => teller.over(kind, &row.name, now),
            }
        }
    }
    match teller.take() {
        nothing if nothing == News::default() => Ok(()),
        news => inner.store.tell(&news, None).await,
    }
}

/// Each alarm that state alone decides, and what it says now; none when it is over.
async fn present(inner: &AppState, deployment: &DeploymentName, now: DateTime<Utc>) -> Result<[(Kind, Option<Event>); 3]> {
    let (freshness, _) = freshness(&inner.store, deployment, now).await?;
    let missed = inner.store.missed_last(deployment, now).await?;
    let seen = inner.observer.last(deployment);
    let replaced = replaced(&inner.store, deployment, seen.as_deref()).await?;
    Ok([
        (Kind::Overdue, freshness.is_overdue().then(|| Event::overdue(deployment, &freshness))),
        (Kind::RunMissed, Event::run_missed(deployment, &missed, now)),
        (Kind::DataReplaced, replaced.map(|replaced| Event::data_replaced(deployment, &replaced, now))),
    ])
}

/// All ends of jobs that were not looked at. Each is told and done with in one transaction.
pub(super) async fn ends(inner: &AppState) -> Result<()> {
    loop {
        let ends = inner.store.job_ends().await?;
        if ends.is_empty() {
            return Ok(());
        }
        let mut teller = teller(inner).await?;
        for end in ends {
            // One that cannot be read must not keep all later ones from being told.
            match look_at(inner, &mut teller, end).await {
                Err(Error::Internal(incident)) => tracing::error!(job = end.job.0, incident = incident.report(), "could not enqueue the notification of a job"),
                other => other?,
            }
            inner.store.tell(&teller.take(), Some(end)).await?;
        }
    }
}

async fn look_at(inner: &AppState, teller: &mut Teller, end: JobEnd) -> Result<()> {
    let now = inner.ports.clock.now();
    let row = inner.store.job(end.job).await?;
    // The job may have gone on since, out of a stuck state.
    let job = JobBrief { state: end.state, ..row.brief };
    let watch = inner.store.watch(&job.deployment).await?;
    for kind in Event::over_with(&job, row.problem.as_ref()) {
        teller.over(*kind, &job.deployment, now);
    }
    if let Some(event) = Event::of_ended(&job, row.problem.as_ref(), now) {
        teller.begins(&event, watch.repeat);
    }
    if let Some(event) = Event::backup_verified(&job, now).filter(|_| watch.ping.is_some()) {
        teller.ping(event);
    }
    Ok(())
}
