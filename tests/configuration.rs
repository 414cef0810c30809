//! The variables of the environment, the key file and the check.

use server::check::CheckResult;
use server::config::{Config, VARIABLES};
use server::{key_file, parts};
use sqlx::Connection;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;
use tempfile::TempDir;
use tests::console_process::ConsoleProcess;

fn read(vars: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    Config::from(vars.iter().map(|(name, value)| (name.to_string(), value.to_string())))
}

/// The only sentence of a configuration with one mistake.
fn complaint(vars: &[(&str, &str)]) -> String {
    let mut wrong = read(vars).expect_err("a mistake");
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    wrong.remove(0)
}

#[test]
fn nothing_needs_to_be_set_on_ones_own_machine() {
    let config = read(&[("PATH", "/bin"), ("LEPTOS_SITE_ROOT", "site"), ("CONSOLE_URL", "")]).expect("a configuration");
    assert_eq!(config.listen.to_string(), "127.0.0.1:3000");
    assert_eq!(config.url.as_str(), "http://127.0.0.1:3000");
    assert_eq!(config.key_file.to_str(), Some("./data/secret.key"));
    assert_eq!(config.backups.to_str(), Some("./data/backups"));
    assert_eq!((config.session_idle, config.session_life), (Duration::from_secs(3600), Duration::from_secs(43_200)));
    assert_eq!(config.docker_host, None);
}

#[test]
fn every_variable_is_read() {
    let config = read(&[
        ("CONSOLE_LISTEN", "0.0.0.0:8080"),
        ("CONSOLE_URL", "HTTPS://Console.Example.com:443/"),
        ("CONSOLE_DATA", "/var/lib/console"),
        ("CONSOLE_SECRET_KEY_FILE", "/run/secrets/key"),
        ("CONSOLE_BACKUPS", "/backups"),
        ("CONSOLE_TRUSTED_PROXIES", "10.0.0.0/8, 192.168.1.5 ::1"),
        ("CONSOLE_SESSION_IDLE_MINUTES", "15"),
        ("CONSOLE_SESSION_HOURS", "8"),
        ("CONSOLE_LOG", "server=debug,info"),
        ("CONSOLE_DOCKER_HOST", "tcp://proxy:2375"),
        ("DOCKER_HOST", "unix:///run/docker.sock"),
        ("CONSOLE_ALLOW_PLAIN_HTTP", "false"),
    ])
    .expect("a configuration");
    assert_eq!(config.url.as_str(), "https://console.example.com", "as a browser writes it into Origin");
    assert!(config.url.is_https());
    assert_eq!(config.trusted_proxies.len(), 3);
    assert_eq!(config.docker_host.as_deref(), Some("tcp://proxy:2375"), "the console's own variable wins");
    assert_eq!(
        read(&[("DOCKER_HOST", "unix:///run/docker.sock")]).expect("a configuration").docker_host.as_deref(),
        Some("unix:///run/docker.sock")
    );
}

#[test]
fn backups_do_not_lie_around_the_consoles_own_data() {
    for backups in ["/var/lib/console", "/var/lib"] {
        let said = complaint(&[("CONSOLE_DATA", "/var/lib/console"), ("CONSOLE_BACKUPS", backups)]);
        assert!(said.contains("a directory apart from CONSOLE_DATA"), "{said}");
    }
    assert!(read(&[("CONSOLE_DATA", "/var/lib/console"), ("CONSOLE_BACKUPS", "/var/lib/console/backups")]).is_ok());
}

#[test]
fn an_unknown_name_stops_the_start_and_the_nearest_is_proposed() {
    assert_eq!(
        complaint(&[("CONSOLE_LISTN", "x")]),
        "CONSOLE_LISTN is not a setting of the console. Did you mean CONSOLE_LISTEN?"
    );
    assert_eq!(
        complaint(&[("CONSOLE_SECRET_KEY", "x")]),
        "CONSOLE_SECRET_KEY is not a setting of the console. Did you mean CONSOLE_SECRET_KEY_FILE?"
    );
    assert_eq!(
        complaint(&[("CONSOLE_WHATEVER_ELSE_THIS_IS", "x")]),
        "CONSOLE_WHATEVER_ELSE_THIS_IS is not a setting of the console. The README lists all of them."
    );
}

#[test]
fn a_bad_value_is_named_and_what_it_must_be() {
    for (name, value, word) in [
        ("CONSOLE_LISTEN", "3000", "an address and a port"),
        ("CONSOLE_URL", "console.example.com", "https://"),
        ("CONSOLE_URL", "ftp://console.example.com", "https://"),
        ("CONSOLE_URL", "https://a.example/console", "without a path"),
        ("CONSOLE_URL", "https://me:pw@a.example", "without a user"),
        ("CONSOLE_TRUSTED_PROXIES", "10.0.0.0/8,traefik", "addresses or networks"),
        ("CONSOLE_SESSION_IDLE_MINUTES", "0", "from 1 to 1440"),
        ("CONSOLE_SESSION_HOURS", "a day", "from 1 to 720"),
        ("CONSOLE_LOG", "server=loud=no", "a filter"),
        ("CONSOLE_DOCKER_HOST", "/var/run/docker.sock", "unix:///var/run/docker.sock"),
        ("CONSOLE_ALLOW_PLAIN_HTTP", "yes", "true or false"),
    ] {
        let sentence = complaint(&[(name, value)]);
        assert!(sentence.starts_with(&format!("{name} is {value:?}")) && sentence.contains(word), "{sentence}");
        assert!(!sentence.contains('\n'), "{sentence}");
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let wrong = read(&[("CONSOLE_LISTEN", "x"), ("CONSOLE_SESSION_HOURS", "x"), ("CONSOLE_NOPE_NOPE_NOPE", "x")])
        .expect_err("mistakes");
    assert_eq!(wrong.len(), 3, "{wrong:?}");
}

#[test]
fn passwords_do_not_cross_a_network_in_the_clear_unless_somebody_says_so() {
    for fine in ["http://localhost:3000", "http://127.0.0.1", "http://[::1]:3000", "http://console.localhost"] {
        assert!(read(&[("CONSOLE_URL", fine)]).is_ok(), "{fine}");
    }
    let plain = ("CONSOLE_URL", "http://console.example.com");
    assert!(complaint(&[plain]).contains("CONSOLE_ALLOW_PLAIN_HTTP=true"));
    assert!(read(&[plain, ("CONSOLE_ALLOW_PLAIN_HTTP", "true")]).is_ok());
    assert!(complaint(&[("CONSOLE_LISTEN", "0.0.0.0:3000")]).starts_with("CONSOLE_URL is not set"));
}

#[test]
fn the_list_of_variables_is_the_list_that_is_read() {
    for (name, _, about) in VARIABLES {
        assert!(!about.is_empty());
        let accepted = read(&[(name, "\0")]).map_or_else(|wrong| wrong.join(" "), |_| String::new());
        assert!(!accepted.contains("is not a setting"), "{accepted}");
    }
}

#[test]
fn a_key_is_made_once_and_only_its_owner_can_read_it() {
    let directory = TempDir::new().expect("a directory");
    let path = directory.path().join("deep/secret.key");
    let key = key_file::load_or_create(&path).expect("a key");
    assert_ne!(key.present, [0; 32]);
    assert_eq!(key_file::load_or_create(&path).expect("the same key"), key);
    assert_eq!(std::fs::metadata(&path).expect("the file").permissions().mode() & 0o7777, 0o600);
    assert_eq!(
        std::fs::read_dir(path.parent().expect("a directory")).expect("files").count(),
        1,
        "nothing is left over"
    );
}

#[test]
fn a_key_others_can_read_or_of_the_wrong_length_is_refused() {
    let directory = TempDir::new().expect("a directory");
    let path = directory.path().join("secret.key");
    key_file::load_or_create(&path).expect("a key");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("chmod");
    assert!(key_file::load_or_create(&path).expect_err("refused").contains("chmod 600"));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("chmod");
    std::fs::write(&path, b"short").expect("written");
    assert!(key_file::load_or_create(&path).expect_err("refused").contains("holds 5 bytes"));
    assert_eq!(std::fs::read(&path).expect("the file"), b"short", "it is not replaced");
}

#[tokio::test]
async fn the_key_is_changed_while_the_console_is_stopped_and_earlier_ones_go_when_told() {
    let directory = TempDir::new().expect("a directory");
    let mut console = ConsoleProcess::start_with(directory.path(), Some("unix:///nowhere/docker.sock")).await;
    let keys = || key_file::load(&directory.path().join("secret.key")).expect("readable").expect("a key");
    let first = keys();
    assert!(console.refusal(&["key", "change"]).contains("Stop it first"));
    assert!(console.refusal(&["key", "forget-earlier"]).contains("Stop it first"));
    assert_eq!(keys(), first);
    console.kill();
    assert!(console.run(&["key", "change"], "").contains("Copy"));
    let second = keys();
    assert!(second.present != first.present && second.earlier == [first.present]);
    console.start_again().await;
    console.kill();
    assert!(console.run(&["key", "forget-earlier"], "").contains("1 earlier key is removed"));
    assert_eq!((keys().present, keys().earlier.len()), (second.present, 0));
    console.start_again().await;
}

#[tokio::test]
async fn the_audit_log_is_exported_and_a_change_in_it_is_found_also_after_the_key_was_changed() {
    let directory = TempDir::new().expect("a directory");
    let mut console = ConsoleProcess::start_with(directory.path(), Some("unix:///nowhere/docker.sock")).await;
    let exported = console.run(&["audit", "export"], "");
    let acts: Vec<String> = exported
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("json")["act"].to_string())
        .collect();
    assert!(acts.iter().any(|act| act.contains("add member")), "{acts:?}");
    assert!(console.run(&["audit", "verify"], "").contains("signed and unchanged"));
    console.kill();
    console.run(&["key", "change"], "");
    console.run(&["key", "forget-earlier"], "");
    assert!(console.run(&["audit", "verify"], "").contains("signed and unchanged"));
    let log = std::fs::read_to_string(directory.path().join("console.log")).unwrap_or_default();
    assert!(!log.contains("seven brown owls"));

    let mut database = sqlx::SqliteConnection::connect(directory.path().join("console.db").to_str().expect("text"))
        .await
        .expect("opened");
    for refused in
        ["DELETE FROM audit", "UPDATE audit SET who = 'x'", "UPDATE audit SET detail = 'x' WHERE outcome <> 'begun'"]
    {
        assert!(sqlx::query(refused).execute(&mut database).await.is_err(), "{refused}");
    }
    let changed = "DROP TRIGGER audit_is_written_once; UPDATE audit SET who = 'somebody else' WHERE id = 1";
    sqlx::raw_sql(changed).execute(&mut database).await.expect("changed");
    database.close().await.expect("closed");
    assert!(console.refusal(&["audit", "verify"]).contains("first entry 1"));
    console.run(&["key", "change"], "");
    assert!(console.refusal(&["key", "forget-earlier"]).contains("The audit log was changed"));
}

#[tokio::test]
async fn two_consoles_never_share_a_data_directory() {
    let directory = TempDir::new().expect("a directory");
    let config = read(&[("CONSOLE_DATA", directory.path().to_str().expect("text"))]).expect("a configuration");
    let held = parts::lock(&config).expect("the lock");
    assert!(parts::lock(&config).expect_err("taken").contains("Another console"));
    drop(held);
    parts::lock(&config).expect("free again");
}

#[tokio::test]
async fn the_check_says_what_is_wrong_and_how_to_mend_it() {
    let directory = TempDir::new().expect("a directory");
    let data = directory.path().join("data");
    let config =
        read(&[("CONSOLE_DATA", data.to_str().expect("text")), ("CONSOLE_DOCKER_HOST", "unix:///nowhere/docker.sock")])
            .expect("a configuration");
    let lines = server::check::check(&config).await;
    let of =
        |what: &str| &lines.iter().find(|(name, _)| *name == what).unwrap_or_else(|| panic!("no line for {what}")).1;
    assert!(
        ["configuration", "data directory", "key file", "database"]
            .iter()
            .all(|what| matches!(of(what), CheckResult::Fine(_))),
        "{lines:?}"
    );
    let CheckResult::Wrong(docker) = of("Docker") else { panic!("there is no Docker: {lines:?}") };
    assert!(docker.contains("Check that the Docker Engine runs"), "{docker}");
    std::fs::write(data.join("secret.key"), b"short").expect("written");
    std::fs::set_permissions(data.join("secret.key"), std::fs::Permissions::from_mode(0o600)).expect("chmod");
    let lines = server::check::check(&config).await;
    assert!(
        lines.iter().any(|(what, outcome)| *what == "key file" && matches!(outcome, CheckResult::Wrong(_))),
        "{lines:?}"
    );
}

#[tokio::test]
async fn the_check_warns_of_a_docker_that_others_on_the_network_can_take_over() {
    let directory = TempDir::new().expect("a directory");
    let told = async |docker: &str| {
        let config =
            read(&[("CONSOLE_DATA", directory.path().to_str().expect("text")), ("CONSOLE_DOCKER_HOST", docker)])
                .expect("a configuration");
        server::check::check(&config)
            .await
            .into_iter()
            .find(|(what, _)| *what == "way to Docker")
            .map(|(_, verdict)| verdict)
    };
    // A name that nobody has (RFC 2606): nothing is asked for long.
    assert!(
        matches!(told("tcp://docker.invalid:2375").await, Some(CheckResult::Warning(words)) if words.contains("root on that host"))
    );
    assert_eq!(told("tcp://127.0.0.1:1").await, None);
}

/// Sessions, hashes and the key lie in it. The console's own process, because the mask of its files is the process's.
#[tokio::test]
async fn nobody_else_may_read_what_the_console_writes_also_in_a_directory_that_was_open_to_all() {
    let place = TempDir::new().expect("a directory");
    let data = place.path().join("data");
    std::fs::create_dir(&data).expect("made");
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o755)).expect("open to all");
    let _console = ConsoleProcess::start_with(&data, Some("unix:///nowhere/docker.sock")).await;
    let mode = |path: &std::path::Path| path.metadata().expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for file in ["console.db", "console.db-wal", "sessions.db", "sessions.db-wal", "secret.key", "console.lock"] {
        assert_eq!(mode(&data.join(file)), 0o600, "{file}");
    }
}
