//! Backups: start, look, verify, pin, accept, delete.

mod accept;
mod delete;
mod detail;
mod estimate;
mod list;
mod pin;
mod start;
mod verify;

pub use accept::AcceptBackup;
pub use delete::DeleteBackup;
pub use detail::GetBackup;
pub(crate) use detail::detail;
pub use estimate::EstimateBackup;
pub use list::{GetLastVerified, ListBackups};
pub use pin::PinBackup;
pub use start::StartBackup;
pub use verify::VerifyBackup;
pub(crate) use verify::{note_unread, read_back};
