//! Schedules: the three-tier plan, single ones, and running one now.

mod add;
mod change;
mod list;
mod pause;
mod plan;
mod remove;
mod run;
mod view;

pub use add::AddSchedule;
pub use change::{ChangeSchedule, SchedulePatch};
pub use list::ListSchedules;
pub use pause::PauseSchedule;
pub use plan::AddPlan;
pub use remove::RemoveSchedule;
pub use run::RunScheduleNow;
