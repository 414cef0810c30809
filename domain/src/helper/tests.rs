use super::*;
use crate::database::tests::EVIL;
use crate::deployment::{Disk, Room};

#[test]
fn names_are_arguments_never_part_of_a_script() {
    let command = HelperCommand::Dump { databases: vec![DatabaseName::default(), DatabaseName::system()] }
        .command()
        .expect("a command");
    assert_eq!(command[3..], ["dump", "/data", "neo4j", "system"]);
    assert!(!command[2].contains("neo4j "));
    assert_eq!(HelperCommand::Serve { default: DatabaseName::default(), env: vec![] }.command(), None);
}

/// Each act that has databases.
fn all_with_databases(databases: &[DatabaseName]) -> Vec<HelperCommand> {
    let (aside, databases) = (|| "restore-x-1".to_string(), || databases.to_vec());
    vec![
        HelperCommand::Dump { databases: databases() },
        HelperCommand::DumpClone { clone: "clone-1".into(), databases: databases() },
        HelperCommand::Load { databases: databases() },
        HelperCommand::Check { databases: databases() },
        HelperCommand::SetAside { aside: aside(), databases: databases(), note_absent: true },
        HelperCommand::PutBack { aside: aside(), databases: databases(), keep: None },
        HelperCommand::PutBack { aside: aside(), databases: databases(), keep: Some("kept-x-1".into()) },
        HelperCommand::BringBack { aside: aside(), databases: databases() },
        HelperCommand::CopyAside { aside: aside(), databases: databases() },
        HelperCommand::LookAside { aside: aside(), databases: databases() },
        HelperCommand::Remove { databases: databases() },
        HelperCommand::TestAccess { databases: databases() },
    ]
}

/// Runs the command with this in place of the last name, below a directory in place of `/data` and `/staging`.
fn run_with(act: &HelperCommand, name: &str, place: &std::path::Path) -> std::process::Output {
    let mut command = act.command().expect("a command");
    *command.last_mut().expect("a name") = name.into();
    let root = place.display().to_string();
    let script = ["/data", "/staging", "/volume", "/tmp/where.conf"]
        .iter()
        .fold(command[2].clone(), |script, path| script.replace(path, &format!("{root}{path}")));
    let path = format!("{root}/bin:/usr/bin:/bin");
    std::process::Command::new("bash")
        .args(["-c", &script])
        .args(&command[3..])
        .env("PATH", path)
        .current_dir(place)
        .output()
        .expect("bash runs")
}

/// Where scripts find what they work on, and a tool that leaves a trace.
fn sandbox() -> tempfile::TempDir {
    let place = tempfile::tempdir().expect("a directory");
    let tool = place.path().join("bin/neo4j-admin");
    for made in ["bin", "data/databases/neo4j", "data/transactions/neo4j", "staging/dumps", "tmp"] {
        std::fs::create_dir_all(place.path().join(made)).expect("made");
    }
    std::fs::write(&tool, "#!/bin/bash\ntouch data/ran\n").expect("written");
    std::process::Command::new("chmod").arg("+x").arg(&tool).status().expect("chmod runs");
    place
}

fn files_in(place: &std::path::Path) -> String {
    String::from_utf8(std::process::Command::new("find").arg(place).output().expect("find runs").stdout).expect("text")
}

#[test]
fn no_script_does_anything_with_a_name_that_is_none() {
    let place = sandbox();
    let before = files_in(place.path());
    for act in all_with_databases(&[DatabaseName::default(), DatabaseName::system()]) {
        for evil in EVIL.iter().filter(|evil| evil.len() < 60) {
            let ended = run_with(&act, evil, place.path());
            assert_eq!(
                (ended.status.code(), files_in(place.path()) == before),
                (Some(64), true),
                "{} {evil:?} {ended:?}",
                act.role()
            );
            assert!(!String::from_utf8_lossy(&ended.stdout).contains("uid="), "{} {evil:?}", act.role());
        }
    }
}

/// `PROPTEST_CASES` says how many are tried (`tests/fuzz.rs`).
#[test]
fn no_script_does_anything_with_random_text_that_is_no_name() {
    use proptest::prelude::*;
    use proptest::test_runner::{Config, TestRunner};
    let place = sandbox();
    let before = files_in(place.path());
    let acts = all_with_databases(&[DatabaseName::default()]);
    let pieces = proptest::sample::select(
        &[
            "-",
            ".",
            "/",
            ";",
            "$(touch data/ran)",
            "`touch data/ran`",
            "'",
            "\"",
            "\\",
            "\n",
            " ",
            "*",
            "neo4j",
            "é",
            "|",
            "&",
        ][..],
    );
    let text = prop_oneof![
        proptest::collection::vec(pieces, 0..6).prop_map(|pieces| pieces.concat()),
        "[ -~]{0,60}",
        "\\PC{0,40}"
    ];
    let config = Config { failure_persistence: None, ..Config::default() };
    let tried = TestRunner::new(config).run(&(proptest::sample::select(acts), text), |(act, name)| {
        prop_assume!(DatabaseName::parse(&name).is_err());
        let ended = run_with(&act, &name, place.path());
        prop_assert_eq!(
            (ended.status.code(), files_in(place.path()) == before),
            (Some(64), true),
            "{} {:?} {:?}",
            act.role(),
            name,
            ended
        );
        Ok(())
    });
    tried.unwrap_or_else(|failed| panic!("{failed}"));
}

#[test]
fn what_the_tools_print_is_read() {
    let room = Room { used: 100, free: 200, total: 300, docker: None };
    assert_eq!(parse_measure("100 200 300\n"), Some(room));
    assert_eq!(
        parse_measure("100 200 300 400 500\n"),
        Some(Room { docker: Some(Disk { free: 400, total: 500 }), ..room })
    );
    assert_eq!(parse_measure("oops"), None);
}

#[test]
fn access_is_tried_for_real() {
    assert_eq!(parse_access("yes\n"), Ok(()));
    assert_eq!(parse_access("no databases/neo4j is not there"), Err("databases/neo4j is not there".into()));
    assert!(parse_access("bash: command not found").is_err());
    let data = tempfile::tempdir().expect("a directory");
    let script = TEST_ACCESS.replace("/data", &data.path().display().to_string());
    let run = || {
        let output =
            std::process::Command::new("bash").args(["-c", &script, "test", "neo4j"]).output().expect("bash runs");
        parse_access(&String::from_utf8_lossy(&output.stdout))
    };
    assert_eq!(run(), Err("databases/neo4j is not there".into()));
    for kind in ["databases", "transactions"] {
        std::fs::create_dir_all(data.path().join(kind).join("neo4j")).expect("made");
    }
    assert_eq!(run(), Ok(()));
}
