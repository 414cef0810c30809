//! The sidebar: one element, a column on wide screens, a popover on small ones. Which sections there are is decided
//! here.

use super::icon::{brand, icon, turning};
use super::status::deployment_mark;
use crate::api::frame::Entry;
use crate::visitor::may;
use domain::permission::Permission;
use leptos::prelude::*;

/// The deployment a path is about, if any.
pub fn deployment_of(path: &str) -> Option<String> {
    let name = path.strip_prefix("/deployments/")?.split('/').next()?;
    is_deployment(name).then(|| name.to_string())
}

/// The other names are of pages; no deployment can have them.
fn is_deployment(part: &str) -> bool {
    !part.is_empty() && !["adopt", "new"].contains(&part)
}

/// The sidebar of a path: the parts of its deployment, else the deployments and the console's own pages.
pub fn sidebar(entries: &[Entry], path: &str) -> AnyView {
    match deployment_of(path) {
        Some(name) => inside(entries, &name, path),
        None => outside(entries, path),
    }
}

fn outside(entries: &[Entry], path: &str) -> AnyView {
    let links: Vec<_> = entries
        .iter()
        .map(|e| {
            view! {
                <a href=format!("/deployments/{}", e.name) title=e.name.clone()>
                    {icon("database")}<span class="who">{e.name.clone()}</span>
                    <span class="mark" data-tone=e.state.tone().as_str()>{deployment_mark(e.state)}</span>
                    <span class="sr">", "{e.state.words()}</span>
                </a>
            }
        })
        .collect();
    let list = (!links.is_empty()).then(|| view! { <div class="nav"><h2>"Your deployments"</h2>{links}</div> });
    view! {
        <a class="brand" href="/">{brand()}</a>
        <div class="nav">{link("/", "database", "Deployments", path == "/")}</div>
        {list}
        <div class="nav"><h2>"Console"</h2>{console_links(path)}</div>
    }
    .into_any()
}

fn inside(entries: &[Entry], name: &str, path: &str) -> AnyView {
    let base = format!("/deployments/{name}");
    let backups = format!("{base}/backups");
    let restore = format!("{base}/restore");
    let [schedules, drills, alarms, image, memory, changes] =
        ["schedules", "drills", "alarms", "image", "memory", "changes"].map(|part| format!("{base}/{part}"));
    let starts = |p: &str| path.starts_with(p);
    let can_restore = may(Permission::RestoreRequest);
    view! {
        <a class="brand" href="/">{brand()}</a>
        {switcher(entries, name)}
        <div class="nav">{link(&base, "layout-dashboard", "Overview", path == base)}</div>
        <div class="nav">
            <h2>"Data safety"</h2>
            {link(&backups, "archive", "Backups", starts(&backups))}
            {link(&schedules, "calendar-clock", "Schedules", starts(&schedules))}
            {can_restore.then(|| link(&restore, "archive-restore", "Restore", starts(&restore)))}
            {link(&drills, "shield-check", "Drills", starts(&drills))}
        </div>
        <div class="nav">
            <h2>"Server"</h2>
            {link(&image, "package", "Image", starts(&image))}
            {link(&memory, "memory-stick", "Memory", starts(&memory))}
            {link(&changes, "git-compare-arrows", "Changes", starts(&changes))}
        </div>
        <div class="nav"><h2>"Monitoring"</h2>{link(&alarms, "bell", "Alarms", starts(&alarms))}</div>
        <div class="nav foot">
            <details>
                <summary>{turning("chevron-right")}"Whole console"</summary>
                {link("/", "database", "Deployments", false)}{console_links(path)}
            </details>
        </div>
    }
    .into_any()
}

fn switcher(entries: &[Entry], name: &str) -> AnyView {
    let present = entries.iter().find(|e| e.name == name);
    let (tone, mark) =
        present.map_or(("idle", icon("circle-question-mark")), |e| (e.state.tone().as_str(), deployment_mark(e.state)));
    let state = present.map_or("Unknown", |e| e.state.words());
    let version = present.map(|e| e.version.clone()).unwrap_or_default();
    let links: Vec<_> = entries
        .iter()
        .map(|e| {
            view! {
                <a href=format!("/deployments/{}", e.name) aria-current=(e.name == name).then_some("true")>
                    <span data-tone=e.state.tone().as_str()>{deployment_mark(e.state)}</span>{e.name.clone()}<span class="sr">", "{e.state.words()}</span>
                </a>
            }
        })
        .collect();
    view! {
        <details class="menu start switcher">
            <summary>
                <span data-tone=tone>{mark}</span><b>{name.to_string()}<span class="sr">", "{state}". Switch deployment"</span></b>{icon("chevrons-up-down")}
                <small>{version}</small>
            </summary>
            <div>{links}<div class="split"></div><a href="/">{icon("database")}"All deployments"</a></div>
        </details>
    }
    .into_any()
}

fn console_links(path: &str) -> AnyView {
    let link_to = |to: &'static str, mark, words| link(to, mark, words, path.starts_with(to));
    view! {
        {link_to("/jobs", "list-checks", "Jobs")}
        {may(Permission::MemberManage).then(|| link_to("/members", "id-card", "Members"))}
        {may(Permission::AuditView).then(|| link_to("/audit", "history", "Audit log"))}
        {link_to("/targets", "hard-drive", "Targets")}
        {may(Permission::RegistryManage).then(|| link_to("/registries", "package", "Registries"))}
        {may(Permission::NotificationManage).then(|| link_to("/notifications", "bell", "Notifications"))}
        {link_to("/about", "info", "About")}
    }
    .into_any()
}

fn link(to: &str, mark: &'static str, words: &'static str, current: bool) -> AnyView {
    view! { <a href=to.to_string() aria-current=current.then_some("page")>{icon(mark)}{words}</a> }.into_any()
}

/// Where one is, as a path: name and address, the last one without.
pub fn crumbs(path: &str) -> Vec<(String, Option<String>)> {
    let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
    let mut out = vec![match parts.first() {
        None | Some(&"deployments") => ("Deployments".to_string(), Some("/".to_string())),
        _ => ("Console".to_string(), Some("/".to_string())),
    }];
    let mut address = String::new();
    for (i, part) in parts.iter().enumerate() {
        address = format!("{address}/{part}");
        if i == 0 && *part == "deployments" {
            continue;
        }
        let is_name = parts[0] == "deployments" && i == 1 && is_deployment(part);
        out.push((
            if is_name { (*part).to_string() } else { crumb_words(part, parts[i - usize::from(i > 0)]) },
            Some(address.clone()),
        ));
    }
    if parts.len() == 2 && parts[0] == "deployments" && is_deployment(parts[1]) {
        out.push(("Overview".into(), None));
    }
    if let Some(last) = out.last_mut() {
        last.1 = None;
    }
    // Two parts that have no page of their own.
    for crumb in &mut out {
        if crumb.1.as_deref().is_some_and(|a| a.ends_with("/restore/undo") || a.ends_with("/restore/remove")) {
            crumb.1 = None;
        }
    }
    out
}

fn crumb_words(part: &str, before: &str) -> String {
    match part {
        "jobs" => "Jobs",
        "members" => "Members",
        "audit" => "Audit log",
        "about" => "About",
        "account" => "Your account",
        "adopt" => "Adopt a container",
        "backups" => "Backups",
        "calendar" => "Calendar",
        "schedules" => "Schedules",
        "drills" => "Drills",
        "alarms" => "Alarms",
        "targets" => "Targets",
        "registries" => "Registries",
        "notifications" => "Notifications",
        "probe-queries" => "Probe queries",
        "restore" => "Restore",
        "checks" => "Checks",
        "confirm" => "Confirm",
        "new" if before == "members" => "Add member",
        "new" if before == "targets" => "Add target",
        "new" if before == "schedules" => "Add schedule",
        "new" if before == "notifications" => "Add channel",
        "new" if before == "deployments" => "New deployment",
        "new" => "Back up now",
        "delete" => "Delete",
        "cancel" => "Cancel",
        "undo" => "Undo",
        "remove" if before == "registries" => "Remove sign-in",
        "remove" => "Remove set-aside data",
        "operate" => "Restart or stop",
        "forget" => "Forget",
        "compose" => "Compose file",
        "credentials" => "Credentials",
        "environment" => "Environment",
        other => return other.chars().take(128).collect(),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(path: &str) -> String {
        crumbs(path).into_iter().map(|c| c.0).collect::<Vec<_>>().join(" / ")
    }

    #[test]
    fn the_top_bar_says_where_one_is() {
        assert_eq!(words("/"), "Deployments");
        assert_eq!(words("/deployments/sales"), "Deployments / sales / Overview");
        assert_eq!(words("/deployments/sales/backups/new"), "Deployments / sales / Backups / Back up now");
        assert_eq!(words("/deployments/adopt"), "Deployments / Adopt a container");
        assert_eq!(words("/deployments/new"), "Deployments / New deployment");
        assert_eq!(words("/jobs/17"), "Console / Jobs / 17");
        assert_eq!(words("/members/new"), "Console / Members / Add member");
    }

    #[test]
    fn a_path_names_its_deployment() {
        assert_eq!(deployment_of("/deployments/sales/backups").as_deref(), Some("sales"));
        assert_eq!(deployment_of("/deployments/adopt"), None);
        assert_eq!(deployment_of("/deployments/new"), None);
        assert_eq!(deployment_of("/jobs/1"), None);
    }
}
