//! Every page and its address.

use crate::Drawn;
use crate::components::frame::live_page;
use crate::pages::*;
use futures::FutureExt;
use futures::future::BoxFuture;

/// What stands around a page.
#[derive(Debug, Clone, Copy)]
pub enum Around {
    /// Sidebar and top bar.
    Frame,
    Nothing,
}

/// A page: where it is, and what draws its content.
pub struct Page {
    /// Of the router, with `{…}` for what varies.
    pub path: &'static str,
    pub around: Around,
    body: Box<dyn Fn() -> BoxFuture<'static, Drawn> + Send + Sync>,
}

impl Page {
    /// Its content, for the request of the context.
    pub fn body(&self) -> BoxFuture<'static, Drawn> {
        (self.body)()
    }
}

fn page<F>(around: Around, path: &'static str, body: fn() -> F) -> Page
where
    F: Future<Output = Drawn> + Send + 'static,
{
    Page { path, around, body: Box::new(move || body().boxed()) }
}

fn bare<F: Future<Output = Drawn> + Send + 'static>(path: &'static str, body: fn() -> F) -> Page {
    page(Around::Nothing, path, body)
}

fn framed<F: Future<Output = Drawn> + Send + 'static>(path: &'static str, body: fn() -> F) -> Page {
    page(Around::Frame, path, body)
}

/// All of them. What each asks for is in `tests/access/entries.rs`.
pub fn all() -> Vec<Page> {
    let mut all = vec![
        bare("/login", login_page),
        bare("/setup", setup_page),
        bare("/live", live_page),
        framed("/", deployments_page),
        framed("/deployments/adopt", adopt_page),
        framed("/deployments/new", new_deployment_page),
        framed("/jobs", jobs_page),
        framed("/jobs/{id}", job_page),
        framed("/jobs/{id}/cancel", cancel_job_page),
        framed("/members", members_page),
        framed("/members/new", add_member_page),
        framed("/members/{id}", member_page),
        framed("/targets", targets_page),
        framed("/targets/new", add_target_page),
        framed("/targets/{name}", target_page),
        framed("/registries", registries_page),
        framed("/registries/remove", remove_registry_page),
        framed("/notifications", notifications_page),
        framed("/notifications/new", add_channel_page),
        framed("/notifications/{channel}", channel_page),
        framed("/audit", audit_page),
        framed("/account", account_page),
        framed("/about", about_page),
        framed("/{*any}", not_found_page),
    ];
    all.extend(of_a_deployment());
    all
}

fn of_a_deployment() -> Vec<Page> {
    vec![
        framed("/deployments/{name}", overview_page),
        framed("/deployments/{name}/operate", operate_page),
        framed("/deployments/{name}/credentials", credentials_page),
        framed("/deployments/{name}/environment", environment_page),
        framed("/deployments/{name}/forget", forget_page),
        framed("/deployments/{name}/delete", delete_deployment_page),
        framed("/deployments/{name}/compose", compose_page),
        framed("/deployments/{name}/accept-data", accept_data_page),
        framed("/deployments/{name}/backups", backups_page),
        framed("/deployments/{name}/backups/new", backup_now_page),
        framed("/deployments/{name}/backups/calendar", calendar_page),
        framed("/deployments/{name}/backups/{backup}", backup_page),
        framed("/deployments/{name}/backups/{backup}/delete", delete_backup_page),
        framed("/deployments/{name}/schedules", schedules_page),
        framed("/deployments/{name}/schedules/new", add_schedule_page),
        framed("/deployments/{name}/schedules/{schedule}", schedule_page),
        framed("/deployments/{name}/image", image_page),
        framed("/deployments/{name}/probe-queries", probe_queries_page),
        framed("/deployments/{name}/memory", memory_page),
        framed("/deployments/{name}/changes", changes_page),
        framed("/deployments/{name}/changes/{change}", change_page),
        framed("/deployments/{name}/drills", drills_page),
        framed("/deployments/{name}/alarms", alarms_page),
        framed("/deployments/{name}/restore", choose_page),
        framed("/deployments/{name}/restore/undo/{job}", undo_restore_page),
        framed("/deployments/{name}/restore/remove/{job}", remove_set_aside_page),
        framed("/deployments/{name}/restore/{backup}", inside_page),
        framed("/deployments/{name}/restore/{backup}/checks", checks_page),
        framed("/deployments/{name}/restore/{backup}/confirm", confirm_restore_page),
    ]
}
