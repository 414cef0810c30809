//! Restores: check, start, restore as a new deployment, undo, and the data set aside.

mod as_new;
mod check;
mod read_access;
mod set_aside;
mod start;
mod undo;

pub use as_new::RestoreAsNew;
pub use check::CheckRestore;
pub use set_aside::{ListUndoable, RemoveSetAside};
pub use start::StartRestore;
pub use undo::UndoRestore;
