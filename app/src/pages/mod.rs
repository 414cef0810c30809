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
mod change;
mod changes;
mod channel;
mod credentials;
mod delete_backup;
mod deployments;
mod drills;
mod forget;
mod image;
mod job;
mod jobs;
mod login;
mod member;
mod members;
mod memory;
mod not_found;
mod notifications;
mod operate;
mod overview;
mod probe_queries;
mod restore;
mod schedule;
mod schedules;
mod setup;
mod targets;
mod tokens;

pub use about::about_page;
pub use accept_data::accept_data_page;
pub use account::account_page;
pub use adopt::adopt_page;
pub use alarms::alarms_page;
pub use audit::audit_page;
pub use backup::backup_page;
pub use backup_now::backup_now_page;
pub use backups::backups_page;
pub use calendar::calendar_page;
pub use change::change_page;
pub use changes::changes_page;
pub use channel::channel_page;
pub use credentials::credentials_page;
pub use delete_backup::delete_backup_page;
pub use deployments::deployments_page;
pub use drills::drills_page;
pub use forget::forget_page;
pub use image::image_page;
pub use job::{cancel_job_page, job_page};
pub use jobs::jobs_page;
pub use login::login_page;
pub use member::{add_member_page, member_page};
pub use members::members_page;
pub use memory::memory_page;
pub use not_found::not_found_page;
pub use notifications::{add_channel_page, notifications_page};
pub use operate::operate_page;
pub use overview::overview_page;
pub use probe_queries::probe_queries_page;
pub use restore::{
    checks_page, choose_page, confirm_restore_page, inside_page, remove_set_aside_page, undo_restore_page,
};
pub use schedule::{add_schedule_page, schedule_page};
pub use schedules::schedules_page;
pub use setup::setup_page;
pub use targets::{add_target_page, target_page, targets_page};

pub(crate) use crate::address::{page_number, param, query};
