//! Table `samples`.

use super::{Store, ms, time};
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::deployment::DeploymentName;
use domain::sample::{COARSE_EVERY, FINE, LONGEST, Metric, Sample, slot};
use sqlx::Row;

impl Store {
    /// All of one moment. One that is there for its minute stays; those of a deployment that was forgotten meanwhile
    /// are dropped.
    pub(crate) async fn insert_samples(
        &self,
        deployment: &DeploymentName,
        at: DateTime<Utc>,
        figures: &[(Metric, f64)],
    ) -> Result<()> {
        const ONE: &str = "INSERT INTO samples (deployment, metric, at, value)
          SELECT deployment, ?2, ?3, ?4 FROM adoptions WHERE deployment = ?1 ON CONFLICT DO NOTHING";
        let (key, at) = (self.key(deployment).await?, ms(slot(at)));
        let writing = self.write();
        let mut tx = writing.begin().await?;
        for (metric, value) in figures {
            sqlx::query(ONE).bind(key).bind(metric.as_str()).bind(at).bind(value).execute(&mut *tx).await?;
        }
        Ok(tx.commit().await?)
    }

    /// From `from` on and before `to`, oldest first.
    pub(crate) async fn samples(
        &self,
        deployment: &DeploymentName,
        metric: Metric,
        (from, to): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<Vec<Sample>> {
        let some =
            "SELECT at, value FROM samples WHERE deployment = ? AND metric = ? AND at >= ? AND at < ? ORDER BY at";
        let rows = sqlx::query(some)
            .bind(self.key(deployment).await?)
            .bind(metric.as_str())
            .bind(ms(from))
            .bind(ms(to))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| Ok(Sample { at: time(row.try_get("at")?), value: row.try_get("value")? })).collect()
    }

    /// Removes what is too old, and of what is no longer fine all but the coarse ones.
    pub(crate) async fn thin_samples(&self, now: DateTime<Utc>) -> Result<()> {
        sqlx::query("DELETE FROM samples WHERE at < ?1 OR (at < ?2 AND at % ?3 <> 0)")
            .bind(ms(now - LONGEST))
            .bind(ms(now - FINE))
            .bind(COARSE_EVERY.num_milliseconds())
            .execute(&*self.write())
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::stage::{Stage, sales};
    use chrono::TimeDelta;

    #[tokio::test]
    async fn samples_are_kept_once_a_minute_thinned_with_age_and_gone_with_the_deployment() {
        let stage = Stage::new().await;
        let store = &stage.test.console.state.store;
        let now: DateTime<Utc> = "2026-11-29T12:00:30Z".parse().expect("a time");
        let all = (now - TimeDelta::days(365), now + TimeDelta::days(1));
        let values = async |metric| -> Vec<f64> {
            store.samples(&sales(), metric, all).await.expect("read").iter().map(|s| s.value).collect()
        };
        for (minutes, value) in [(0, 1.0), (0, 2.0), (1, 3.0), (4_320, 4.0), (4_321, 5.0), (130_000, 6.0)] {
            let at = now - TimeDelta::minutes(minutes);
            store.insert_samples(&sales(), at, &[(Metric::Cpu, value), (Metric::Nodes, 0.0)]).await.expect("written");
        }
        assert_eq!(values(Metric::Cpu).await, [6.0, 5.0, 4.0, 3.0, 1.0]);
        store.thin_samples(now).await.expect("thinned");
        assert_eq!(values(Metric::Cpu).await, [4.0, 3.0, 1.0], "three days old: only that of the quarter of an hour");
        assert_eq!(values(Metric::Nodes).await.len(), 3);
        store.delete_deployment(&sales()).await.expect("forgotten");
        store.insert_samples(&sales(), now, &[(Metric::Cpu, 7.0)]).await.expect("dropped");
        assert!(values(Metric::Cpu).await.is_empty());
    }
}
