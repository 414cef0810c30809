//! Notes figures of each deployment once a minute: what the container uses, from the engine, and what Neo4j and its
//! volume hold, as the observer last saw it. What is not known now leaves a gap.

use crate::console::state::AppState;
use crate::error::Result;
use crate::store::DeploymentRow;
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use domain::container::ContainerId;
use domain::deployment::{DeploymentName, Health, Observation};
use domain::sample::{Metric, SAMPLE_INTERVAL};
use ports::Stats;
use std::collections::HashMap;
use std::sync::Arc;

/// What the observer saw longer ago is not of now.
const FRESH: TimeDelta = TimeDelta::seconds(90);

/// The last reading of each deployment: two make a percentage.
type Readings = HashMap<DeploymentName, Stats>;

/// Never ends.
pub(crate) async fn sample_forever(state: Arc<AppState>) {
    let mut readings = Readings::new();
    let every = SAMPLE_INTERVAL.to_std().unwrap_or_default();
    loop {
        state.ports.clock.sleep(every).await;
        if let Err(error) = sample(&state, &mut readings).await {
            tracing::warn!(%error, "could not store figures of the deployments");
        }
    }
}

/// One sample of each deployment. Once an hour those that are no longer fine are thinned.
async fn sample(state: &AppState, readings: &mut Readings) -> Result<()> {
    let now = state.ports.clock.now();
    let rows = state.store.deployments().await?;
    readings.retain(|name, _| rows.iter().any(|row| &row.name == name));
    for row in &rows {
        let mut figures = used(state, row, readings).await;
        figures.extend(state.observer.last(&row.name).iter().flat_map(|seen| held(seen, now)));
        if !figures.is_empty() {
            state.store.insert_samples(&row.name, now, &figures).await?;
        }
    }
    // It reads the whole table.
    if now.minute() == 0 { state.store.thin_samples(now).await } else { Ok(()) }
}

/// CPU and memory. A server that does not run, or an engine that does not answer, uses nothing that is known.
async fn used(state: &AppState, row: &DeploymentRow, readings: &mut Readings) -> Vec<(Metric, f64)> {
    let Ok(engine) = state.ports.engines.of(&row.host) else { return vec![] };
    let Ok(stats) = engine.stats(&ContainerId(row.container.clone())).await else {
        readings.remove(&row.name);
        return vec![];
    };
    let mut figures = vec![(Metric::Memory, figure(stats.memory_used))];
    let cpu = readings.get(&row.name).and_then(|earlier| stats.cpu_percent_since(earlier));
    figures.extend(cpu.map(|percent| (Metric::Cpu, percent)));
    readings.insert(row.name.clone(), stats);
    figures
}

/// What was seen within the last minute, of a server that answered.
fn held(seen: &Observation, now: DateTime<Utc>) -> Vec<(Metric, f64)> {
    if seen.health != Health::Answers || !(TimeDelta::zero()..FRESH).contains(&(now - seen.at)) {
        return vec![];
    }
    let (nodes, relationships, room) = (seen.server.nodes, seen.server.relationships, seen.room);
    [
        nodes.map(|n| (Metric::Nodes, n)),
        relationships.map(|n| (Metric::Relationships, n)),
        // Measured less often than Neo4j is asked; it changes slowly.
        room.map(|room| (Metric::Data, room.used)),
        room.map(|room| (Metric::Free, room.free)),
    ]
    .into_iter()
    .flatten()
    .map(|(metric, n)| (metric, figure(n)))
    .collect()
}

/// Exact up to 2⁵³; a chart shows no more.
#[expect(clippy::cast_precision_loss, reason = "a figure for a chart")]
const fn figure(n: u64) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::stage::{Stage, sales};
    use crate::testing::actor;
    use crate::use_cases::samples::ListSamples;
    use domain::job::{Kind, State};
    use domain::member::Role;

    #[tokio::test]
    async fn a_running_server_gives_figures_and_a_stopped_one_a_gap() {
        let stage = Stage::new().await;
        let state = &stage.test.console.state;
        let mut readings = Readings::new();
        let began = state.ports.clock.now();
        let look = async |readings: &mut Readings| {
            stage.test.clock.forward(SAMPLE_INTERVAL);
            let row = state.store.deployment(&sales()).await.expect("adopted");
            state.observer.refresh(&row, &state.seal).await;
            sample(state, readings).await.expect("stored");
        };
        let count = async |metric| {
            let (deployment, from, to) = (sales(), began, state.ports.clock.now() + SAMPLE_INTERVAL);
            let question = ListSamples { deployment, metric, from, to };
            stage.test.console.ask(&actor(Role::Viewer), question).await.expect("read").len()
        };
        look(&mut readings).await;
        look(&mut readings).await;
        assert_eq!((count(Metric::Memory).await, count(Metric::Nodes).await), (2, 2));
        assert_eq!(count(Metric::Cpu).await, 1, "two readings make one percentage");
        let stop = stage.queue(Kind::Stop).await;
        assert_eq!(stage.finish(stop).await.brief.state, State::Succeeded);
        look(&mut readings).await;
        assert_eq!((count(Metric::Memory).await, count(Metric::Nodes).await), (2, 2));
    }
}
