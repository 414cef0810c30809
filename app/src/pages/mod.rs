//! One file a page, named as its address. A page reads its address, loads its data once and draws it; it decides
//! nothing.

mod about;
mod accept_data;
mod account;
mod adopt;
mod alarms;
mod audit;
mod backup;
mod backup_now;
mod backups;
mod calendar;
mod channel;
mod credentials;
mod delete_backup;
mod deployments;
mod drills;
mod forget;
mod job;
mod jobs;
mod login;
mod member;
mod members;
mod not_found;
mod notifications;
mod operate;
mod overview;
mod restore;
mod schedule;
mod schedules;
mod setup;
mod targets;
mod tokens;

pub use about::AboutPage;
pub use accept_data::AcceptDataPage;
pub use account::AccountPage;
pub use adopt::AdoptPage;
pub use alarms::AlarmsPage;
pub use audit::AuditPage;
pub use backup::BackupPage;
pub use backup_now::BackupNowPage;
pub use backups::BackupsPage;
pub use calendar::CalendarPage;
pub use channel::ChannelPage;
pub use credentials::CredentialsPage;
pub use delete_backup::DeleteBackupPage;
pub use deployments::DeploymentsPage;
pub use drills::DrillsPage;
pub use forget::ForgetPage;
pub use job::{CancelJobPage, JobPage};
pub use jobs::JobsPage;
pub use login::LoginPage;
pub use member::{AddMemberPage, MemberPage};
pub use members::MembersPage;
pub use not_found::NotFoundPage;
pub use notifications::{AddChannelPage, NotificationsPage};
pub use operate::OperatePage;
pub use overview::OverviewPage;
pub use restore::{ChecksPage, ChoosePage, ConfirmRestorePage, InsidePage, RemoveSetAsidePage, UndoRestorePage};
pub use schedule::{AddSchedulePage, SchedulePage};
pub use schedules::SchedulesPage;
pub use setup::SetupPage;
pub use targets::{AddTargetPage, TargetPage, TargetsPage};

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

/// A part of the address: `param("name")` of `/deployments/:name`.
fn param(name: &str) -> String {
    use_params_map().read_untracked().get(name).unwrap_or_default()
}

/// A value behind the question mark.
pub(crate) fn query(name: &str) -> String {
    use_query_map().read_untracked().get(name).unwrap_or_default()
}

/// Number of the page of a list, from 1.
fn page_number() -> u32 {
    query("page").parse().unwrap_or(1).max(1)
}
