//! Containers that are not adopted.

use crate::console::context::{Context, Query};
use crate::error::Result;
use crate::jobs::change::switch;
use domain::container::Container;
use domain::deployment::{DeploymentName, DiscoveredContainer};
use domain::permission::Permission;
use domain::scope::Subject;

/// Neo4j containers that are not adopted.
pub struct Discover {
    /// Asks the engine now; else what it said in the last seconds will do.
    pub now: bool,
}

impl Query for Discover {
    const NEEDS: &'static [Permission] = &[Permission::DeploymentAdopt];
    type Answer = Vec<DiscoveredContainer>;
    fn subject(&self) -> Subject {
        Subject::Console
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Vec<DiscoveredContainer>> {
        let adopted = cx.store().deployments().await?;
        // Whoever adopted and started one of a change's two containers would start a second server on its data.
        let replaced = cx.store().replaced_containers().await?;
        let mut found = vec![];
        for (host, _) in cx.ports().engines.all() {
            let observer = cx.observer();
            let listed = if self.now { observer.containers_now(host).await } else { observer.containers(host).await };
            let free = |c: &Container| {
                !adopted.iter().any(|a| &a.host == host && a.container == c.name)
                    && !replaced.iter().any(|r| r.container == c.id)
                    && !adopted.iter().any(|a| switch::is_new(&c.name, &a.container))
            };
            found.extend(listed?.into_iter().filter(free).map(|c| DiscoveredContainer {
                host: host.clone(),
                running: c.run.is_running(),
                owner: c.owner(),
                proposed_name: proposed(&c.name),
                container: c.name,
                image: c.image,
            }));
        }
        found.sort_by(|a, b| a.container.cmp(&b.container));
        Ok(found)
    }
}

/// A deployment's name made from a container's.
pub(super) fn proposed(container: &str) -> String {
    let clean: String = container
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
        .take(DeploymentName::MAX)
        .collect();
    let clean = clean.trim_start_matches(['.', '_', '-']);
    if clean.is_empty() { "neo4j".into() } else { clean.into() }
}
