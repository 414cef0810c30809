//! What must be typed before something is lost.

use crate::error::Result;
use domain::Invalid;
use domain::deployment::DeploymentName;

/// The name of the deployment, as typed to confirm.
pub(crate) fn typed(deployment: &DeploymentName, confirm: &str) -> Result<()> {
    if confirm.trim() == deployment.as_str() {
        Ok(())
    } else {
        Err(Invalid::new("confirm", format!("Type the name {deployment} exactly.")).into())
    }
}
