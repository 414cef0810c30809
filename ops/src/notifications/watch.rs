//! Looks for what to tell: the ages of the backups from state alone, and the ends of jobs in the order they came.

use super::teller::Teller;
use super::watches::freshness;
use crate::console::Inner;
use crate::error::{Error, Result, chain};
use crate::replaced::replaced;
use crate::store::{JobEnd, News};
use domain::alarm::event::{Event, Kind};
use domain::job::JobBrief;

async fn teller(inner: &Inner) -> Result<Teller> {
    Ok(Teller::new(inner.store.channels().await?, inner.store.open_alarms().await?))
}

/// Every deployment's last verified backup against what is allowed.
pub(super) async fn ages(inner: &Inner) -> Result<()> {
    let mut teller = teller(inner).await?;
    let now = inner.ports.clock.now();
    for row in inner.store.deployments().await? {
        let (freshness, _) = freshness(&inner.store, &row.name, now).await?;
        if freshness.is_overdue() {
            teller.begins(&Event::overdue(&row.name, &freshness), inner.store.watch(&row.name).await?.repeat);
        } else {
            teller.over(Kind::Overdue, &row.name, now);
        }
        let seen = inner.observer.last(&row.name);
        match replaced(inner, &row.name, seen.as_deref()).await? {
            Some(replaced) => teller.begins(&Event::data_replaced(&row.name, &replaced, now), inner.store.watch(&row.name).await?.repeat),
            None => teller.over(Kind::DataReplaced, &row.name, now),
        }
    }
    match teller.take() {
        nothing if nothing == News::default() => Ok(()),
        news => inner.store.tell(&news, None).await,
    }
}

/// All ends of jobs that were not looked at. Each is told and done with in one transaction.
pub(super) async fn ends(inner: &Inner) -> Result<()> {
    loop {
        let ends = inner.store.job_ends().await?;
        if ends.is_empty() {
            return Ok(());
        }
        let mut teller = teller(inner).await?;
        for end in ends {
            // One that cannot be read must not keep all later ones from being told.
            match look_at(inner, &mut teller, end).await {
                Err(Error::Internal(source)) => tracing::error!(job = end.job.0, cause = %chain(source.as_ref()), "the end of a job cannot be told"),
                other => other?,
            }
            inner.store.tell(&teller.take(), Some(end)).await?;
        }
    }
}

async fn look_at(inner: &Inner, teller: &mut Teller, end: JobEnd) -> Result<()> {
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
