//! Every way into the console, the permission it asks for, and a request that is good enough to come to that question.

use serde_json::{Value, json};

/// Who is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// Anybody: set-up and sign-in.
    Nothing,
    /// Everybody who is signed in: what it does concerns them alone.
    Session,
    /// Whoever's role has it; its name.
    Permission(&'static str),
}

use Asks::{Nothing, Permission, Session};

type Fields = &'static [(&'static str, &'static str)];

const D: (&str, &str) = ("deployment", "sales");
const N: (&str, &str) = ("name", "sales");
const B: (&str, &str) = ("backup", "sales-20260101T000000Z-1");
const C: (&str, &str) = ("confirm", "sales");
const R: (&str, &str) = ("reason", "a test of rights");

/// Pages: address and what it asks for. A form alone is shown to everybody; sending it asks.
pub const PAGES: &[(&str, Asks)] = &[
    ("/login", Nothing),
    ("/setup", Nothing),
    ("/live", Permission("deployment.view")),
    ("/", Permission("deployment.view")),
    ("/deployments/adopt", Permission("deployment.adopt")),
    ("/deployments/{name}", Permission("deployment.view")),
    ("/deployments/{name}/operate", Permission("deployment.view")),
    ("/deployments/{name}/credentials", Permission("deployment.view")),
    ("/deployments/{name}/forget", Permission("deployment.view")),
    ("/deployments/{name}/accept-data", Permission("deployment.view")),
    ("/deployments/{name}/environment", Permission("deployment.view")),
    ("/deployments/{name}/delete", Permission("deployment.view")),
    ("/deployments/{name}/compose", Permission("config.change")),
    ("/deployments/new", Session),
    ("/deployments/{name}/backups", Permission("backup.view")),
    ("/deployments/{name}/backups/new", Permission("backup.view")),
    ("/deployments/{name}/backups/calendar", Permission("backup.view")),
    ("/deployments/{name}/backups/{backup}", Permission("backup.view")),
    ("/deployments/{name}/backups/{backup}/delete", Permission("backup.view")),
    ("/deployments/{name}/schedules", Permission("backup.view")),
    ("/deployments/{name}/schedules/new", Permission("backup.view")),
    ("/deployments/{name}/schedules/{schedule}", Permission("backup.view")),
    ("/deployments/{name}/image", Permission("deployment.view")),
    ("/deployments/{name}/probe-queries", Permission("deployment.view")),
    ("/deployments/{name}/memory", Permission("deployment.view")),
    ("/deployments/{name}/changes", Permission("deployment.view")),
    ("/deployments/{name}/changes/{change}", Permission("deployment.view")),
    ("/deployments/{name}/drills", Permission("backup.view")),
    ("/deployments/{name}/alarms", Permission("deployment.view")),
    ("/deployments/{name}/restore", Permission("backup.view")),
    ("/deployments/{name}/restore/undo/{job}", Permission("job.view")),
    ("/deployments/{name}/restore/remove/{job}", Permission("job.view")),
    ("/deployments/{name}/restore/{backup}", Permission("backup.view")),
    ("/deployments/{name}/restore/{backup}/checks", Permission("backup.view")),
    ("/deployments/{name}/restore/{backup}/confirm", Permission("backup.view")),
    ("/jobs", Permission("job.view")),
    ("/jobs/{id}", Permission("job.view")),
    ("/jobs/{id}/cancel", Permission("job.view")),
    ("/members", Permission("member.manage")),
    ("/members/new", Session),
    ("/members/{id}", Permission("member.manage")),
    ("/targets", Permission("backup.view")),
    ("/targets/new", Session),
    ("/targets/{name}", Permission("backup.view")),
    ("/registries", Permission("registry.manage")),
    ("/registries/remove", Permission("registry.manage")),
    ("/notifications", Permission("notification.manage")),
    ("/notifications/new", Session),
    ("/notifications/{channel}", Permission("notification.manage")),
    ("/audit", Permission("audit.view")),
    ("/account", Permission("account.own")),
    ("/about", Session),
    ("/{*any}", Session),
];

/// Server functions: name, what they ask, fields of their form.
pub const FUNCTIONS: &[(&str, Asks, Fields)] = &[
    ("set_up", Nothing, &[("token", "x"), ("name", "x"), ("password", "x")]),
    ("sign_in", Nothing, &[("name", "nobody"), ("password", "x")]),
    ("set_theme", Session, &[("theme", "dark")]),
    ("change_password", Permission("account.own"), &[("present", "x"), ("new", "x")]),
    ("revoke_token", Permission("account.own"), &[("token", "999")]),
    ("start_backup", Permission("backup.run"), &[D, R]),
    ("verify_backup", Permission("backup.run"), &[B]),
    ("accept_backup", Permission("backup.accept"), &[D, B]),
    ("pin_backup", Permission("backup.pin"), &[D, B, ("pinned", "true")]),
    ("delete_backup", Permission("backup.delete"), &[D, B, C]),
    (
        "adopt_deployment",
        Permission("deployment.adopt"),
        &[("container", "none"), ("user", "neo4j"), ("password", "x")],
    ),
    ("set_environment", Permission("deployment.adopt"), &[N, ("environment", "staging")]),
    (
        "create_deployment",
        Permission("deployment.adopt"),
        &[("name", "none"), ("image", "neo4j:5.26.5"), ("limit", "1g"), ("password", "x")],
    ),
    ("delete_deployment", Permission("deployment.adopt"), &[("name", "none"), ("confirm", "none")]),
    ("refresh_deployment", Permission("deployment.view"), &[N]),
    ("renew_credentials", Permission("deployment.adopt"), &[N, ("user", "neo4j"), ("password", "x")]),
    ("operate_deployment", Permission("deployment.operate"), &[N, ("operation", "start"), R]),
    ("accept_data", Permission("backup.delete"), &[N, C]),
    ("forget_deployment", Permission("deployment.adopt"), &[("name", "none"), ("confirm", "none")]),
    ("start_drill", Permission("backup.run"), &[D, B]),
    ("plan_drills", Permission("schedule.manage"), &[D, ("every_days", "7")]),
    ("plan_memory", Permission("config.change"), &[D, ("heap", "600m"), ("page_cache", "1g"), ("limit", "4g"), R]),
    ("plan_image", Permission("config.change"), &[D, ("image", "neo4j:5.26.5"), R]),
    ("plan_revert", Permission("config.change"), &[D, ("change", "999"), R]),
    ("accept_drift", Permission("config.change"), &[D]),
    ("revert_drift", Permission("config.change"), &[D]),
    ("apply_change", Permission("config.change"), &[D, ("change", "999"), ("digest", "0")]),
    ("start_rehearsal", Permission("config.change"), &[D, ("change", "999")]),
    (
        "save_probe_query",
        Permission("config.change"),
        &[D, ("name", "x"), ("database", "neo4j"), ("query", "RETURN 1")],
    ),
    ("remove_probe_query", Permission("config.change"), &[D, ("name", "none")]),
    ("cancel_job", Permission("job.cancel"), &[("job", "999")]),
    ("retry_undo", Permission("job.cancel"), &[("job", "999")]),
    ("add_member", Permission("member.manage"), &[("name", "x"), ("role", "viewer"), ("password", "short")]),
    ("change_role", Permission("member.manage"), &[("member", "999"), ("role", "viewer")]),
    ("set_disabled", Permission("member.manage"), &[("member", "999"), ("disabled", "true")]),
    (
        "add_mail",
        Permission("notification.manage"),
        &[
            ("name", "a"),
            ("host", "mail.example.com"),
            ("port", "465"),
            ("security", "tls"),
            ("from", "a@example.com"),
            ("to", "b@example.com"),
            ("events[0]", "overdue"),
        ],
    ),
    (
        "add_hook",
        Permission("notification.manage"),
        &[("name", "b"), ("kind", "slack"), ("url", "https://hooks.example.com/x"), ("events[0]", "overdue")],
    ),
    ("test_channel", Permission("notification.manage"), &[("name", "none")]),
    (
        "change_channel",
        Permission("notification.manage"),
        &[("name", "none"), ("paused", "true"), ("events[0]", "overdue")],
    ),
    ("remove_channel", Permission("notification.manage"), &[("name", "none")]),
    ("set_alarms", Permission("notification.manage"), &[D, ("allowance_hours", "26"), ("repeat_hours", "24")]),
    ("start_restore", Permission("restore.request"), &[D, B, C, R, ("what", "data")]),
    ("restore_as_new", Permission("deployment.adopt"), &[D, B, ("name", "copy"), R, ("what", "data")]),
    ("undo_restore", Permission("restore.undo"), &[D, ("restore", "999"), C, R]),
    ("remove_set_aside", Permission("restore.undo"), &[D, ("restore", "999"), C]),
    ("add_plan", Permission("schedule.manage"), &[D, ("time_zone", "UTC"), ("external", "")]),
    (
        "save_schedule",
        Permission("schedule.manage"),
        &[
            D,
            ("old", ""),
            ("name", "new-one"),
            ("often", "daily"),
            ("at", "03:15"),
            ("time_zone", "UTC"),
            ("jitter_minutes", "0"),
            ("kind", "dump"),
        ],
    ),
    ("pause_schedule", Permission("schedule.manage"), &[D, ("schedule", "none"), ("paused", "true")]),
    ("run_schedule", Permission("backup.run"), &[D, ("schedule", "none")]),
    ("remove_schedule", Permission("schedule.manage"), &[D, ("schedule", "none")]),
    ("add_directory", Permission("target.manage"), &[("name", "x"), ("path", "/nowhere/at/all"), ("mounted", "true")]),
    (
        "add_s3",
        Permission("target.manage"),
        &[
            ("name", "y"),
            ("endpoint", "https://s3.example.com"),
            ("region", "x"),
            ("bucket", "x"),
            ("access_key", "x"),
            ("secret_key", "x"),
        ],
    ),
    ("try_target", Permission("backup.run"), &[("name", "none")]),
    ("scan_target", Permission("target.manage"), &[("name", "none")]),
    ("remove_target", Permission("target.manage"), &[("name", "none")]),
    (
        "save_registry",
        Permission("registry.manage"),
        &[("host", "registry.example.com"), ("user", "x"), ("password", "x")],
    ),
    (
        "remove_registry",
        Permission("registry.manage"),
        &[("host", "registry.example.com"), ("confirm", "registry.example.com")],
    ),
    // Last: it ends the session that asks.
    ("sign_out", Session, &[]),
];

/// Addresses of the API below `/api/v1`: method, path as documented, permission.
pub const API: &[(&str, &str, &str)] = &[
    ("get", "/deployments", "deployment.view"),
    ("post", "/deployments", "deployment.adopt"),
    ("post", "/deployments/new", "deployment.adopt"),
    ("get", "/deployments/{name}", "deployment.view"),
    ("delete", "/deployments/{name}", "deployment.adopt"),
    ("post", "/deployments/{name}/start", "deployment.operate"),
    ("post", "/deployments/{name}/stop", "deployment.operate"),
    ("post", "/deployments/{name}/restart", "deployment.operate"),
    ("post", "/deployments/{name}/accept-data", "backup.delete"),
    ("put", "/deployments/{name}/environment", "deployment.adopt"),
    ("get", "/deployments/{name}/backups", "backup.view"),
    ("post", "/deployments/{name}/backups", "backup.run"),
    ("get", "/deployments/{name}/changes", "deployment.view"),
    ("post", "/deployments/{name}/changes", "config.change"),
    ("get", "/deployments/{name}/changes/{id}", "deployment.view"),
    ("post", "/deployments/{name}/changes/{id}/revert", "config.change"),
    ("post", "/deployments/{name}/rehearsals", "config.change"),
    ("get", "/deployments/{name}/probe-queries", "deployment.view"),
    ("put", "/deployments/{name}/probe-queries/{query}", "config.change"),
    ("delete", "/deployments/{name}/probe-queries/{query}", "config.change"),
    ("get", "/deployments/{name}/memory/recommendation", "deployment.view"),
    ("get", "/deployments/{name}/image/tags", "deployment.view"),
    ("get", "/deployments/{name}/drills", "backup.view"),
    ("post", "/deployments/{name}/drills", "backup.run"),
    ("post", "/deployments/{name}/restore", "restore.request"),
    ("post", "/deployments/{name}/restores/{job}/undo", "restore.undo"),
    ("get", "/deployments/{name}/schedules", "backup.view"),
    ("post", "/deployments/{name}/schedules", "schedule.manage"),
    ("patch", "/deployments/{name}/schedules/{schedule}", "schedule.manage"),
    ("delete", "/deployments/{name}/schedules/{schedule}", "schedule.manage"),
    ("post", "/deployments/{name}/schedules/{schedule}/run", "backup.run"),
    ("get", "/deployments/{name}/retention", "backup.view"),
    ("get", "/deployments/{name}/alarm", "deployment.view"),
    ("patch", "/deployments/{name}/alarm", "notification.manage"),
    ("get", "/backups/{id}", "backup.view"),
    ("delete", "/backups/{id}", "backup.delete"),
    ("post", "/backups/{id}/verify", "backup.run"),
    ("post", "/backups/{id}/accept", "backup.accept"),
    ("get", "/backups/{id}/download", "backup.download"),
    ("put", "/backups/{id}/pin", "backup.pin"),
    ("delete", "/backups/{id}/pin", "backup.pin"),
    ("post", "/uploads", "backup.upload"),
    ("get", "/targets", "backup.view"),
    ("post", "/targets", "target.manage"),
    ("delete", "/targets/{name}", "target.manage"),
    ("post", "/targets/{name}/test", "backup.run"),
    ("post", "/targets/{name}/scan", "target.manage"),
    ("get", "/registries", "registry.manage"),
    ("put", "/registries/{host}", "registry.manage"),
    ("delete", "/registries/{host}", "registry.manage"),
    ("get", "/jobs/{id}", "job.view"),
    ("get", "/notifications/channels", "notification.manage"),
    ("post", "/notifications/channels", "notification.manage"),
    ("patch", "/notifications/channels/{name}", "notification.manage"),
    ("delete", "/notifications/channels/{name}", "notification.manage"),
    ("post", "/notifications/channels/{name}/test", "notification.manage"),
    ("get", "/notifications/deliveries", "notification.manage"),
    ("get", "/tokens", "account.own"),
    ("delete", "/tokens/{id}", "account.own"),
    ("get", "/metrics", "deployment.view"),
];

/// A body that is read without a complaint; null: none.
pub fn body(method: &str, path: &str) -> Value {
    match (method, path) {
        ("post", "/deployments") => json!({ "container": "none", "username": "neo4j", "password": "x" }),
        ("post", "/deployments/new") => json!({ "name": "none", "image": "neo4j:5.26.5", "limit": "1g" }),
        ("delete", "/deployments/{name}") => json!({ "confirm": "none" }),
        ("post", "/deployments/{name}/restore") => {
            json!({ "backup": "sales-1", "confirm": "sales", "reason": "a test", "include_users": false })
        }
        ("post", "/deployments/{name}/restores/{job}/undo") => json!({ "confirm": "sales", "reason": "a test" }),
        ("post", "/deployments/{name}/schedules") => json!({ "name": "x", "cron": "15 3 * * *", "time_zone": "UTC" }),
        ("post", "/deployments/{name}/changes") => json!({ "kind": "memory", "heap": "600m", "page_cache": "1g" }),
        ("post", "/deployments/{name}/rehearsals") => json!({ "image": "neo4j:5.26.5" }),
        ("put", "/deployments/{name}/environment") => json!({ "environment": "staging" }),
        ("post", "/deployments/{name}/accept-data") => json!({ "confirm": "sales" }),
        ("put", "/deployments/{name}/probe-queries/{query}") => json!({ "query": "RETURN 1" }),
        ("delete", "/backups/{id}") => json!({ "confirm": "sales-1" }),
        ("post", "/targets") => json!({ "name": "x", "kind": "directory", "path": "/nowhere/at/all", "mounted": true }),
        ("post", "/notifications/channels") => {
            json!({ "name": "x", "kind": "slack", "url": "https://hooks.example.com/x" })
        }
        ("put", "/registries/{host}") => json!({ "user": "x", "password": "x" }),
        ("get", _) | ("post", "/uploads") => Value::Null,
        _ => json!({}),
    }
}
