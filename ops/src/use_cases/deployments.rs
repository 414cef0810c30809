//! Deployments: discovering, adopting, looking, starting and stopping, forgetting.

mod adopt;
mod compose;
mod create;
mod credentials;
mod delete;
mod discover;
mod environment;
mod findings;
mod forget;
mod list;
mod operate;
mod overview;

pub use adopt::AdoptDeployment;
pub use compose::GetComposeFile;
pub use create::{CreateDeployment, NewDeploymentPlan, PreviewDeployment};
pub use credentials::RenewCredentials;
pub use delete::DeleteDeployment;
pub use discover::Discover;
pub use environment::SetEnvironment;
pub use forget::ForgetDeployment;
pub use list::ListDeployments;
pub(super) use list::seen;
pub use operate::OperateDeployment;
pub use overview::{GetOverview, RefreshDeployment};
