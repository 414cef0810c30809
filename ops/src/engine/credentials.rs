//! The sealed Neo4j credentials of a deployment.

use crate::crypto::seal::Seal;
use crate::engine::graph;
use crate::error::Result;
use crate::store::DeploymentRow;
use domain::container::Container;
use domain::deployment::DeploymentName;
use ports::{BoltServer, Ports};

/// What `deployment <name>` in a sealed text is bound to.
pub(crate) fn seal_context(name: &DeploymentName) -> String {
    format!("deployment {name}")
}

/// Address and credentials of a deployment.
pub(crate) async fn bolt(ports: &Ports, row: &DeploymentRow, container: &Container, seal: &Seal) -> Result<BoltServer> {
    let engine = ports.engines.of(&row.host)?;
    Ok(graph::server(engine.as_ref(), container, &row.neo4j_user, &password(row, seal)?).await)
}

/// The password of the Neo4j user, opened. An error when it was sealed with a key that is gone.
pub(crate) fn password(row: &DeploymentRow, seal: &Seal) -> Result<String> {
    seal.open(&seal_context(&row.name), &row.sealed_password)
}
