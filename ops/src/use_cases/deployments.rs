//! Deployments: discovering, adopting, looking, starting and stopping, forgetting.

mod adopt;
mod credentials;
mod discover;
mod environment;
mod findings;
mod forget;
mod list;
mod operate;
mod overview;

pub use adopt::AdoptDeployment;
pub use credentials::RenewCredentials;
pub use discover::Discover;
pub use environment::SetEnvironment;
pub use forget::ForgetDeployment;
pub use list::ListDeployments;
pub(super) use list::seen;
pub use operate::OperateDeployment;
pub use overview::{GetOverview, RefreshDeployment};
