//! Probe queries in a rehearsal.

use super::image_tests::{NEW, of_image, proven, rehearsed, stage};
use crate::jobs::stage::{Stage, sales};
use domain::database::DatabaseName;
use domain::job::State as JobState;
use domain::probe_query::{ProbeName, ProbeQuery, ProbeText};
use domain::probe_result::Ran;

async fn save(stage: &Stage, name: &str, text: &str) {
    let name = ProbeName::parse(name).expect("a name");
    let query = ProbeText::parse(text).expect("a query");
    let probe = ProbeQuery { name, database: DatabaseName::default(), query };
    stage.test.console.state.store.set_probe_query(&sales(), &probe).await.expect("saved");
}

#[tokio::test]
async fn a_rehearsal_names_probe_queries_that_fail_or_are_much_slower_and_goes_on() {
    let stage = stage().await;
    let ran = |millis| Ok(Ran { rows: 7, millis });
    let world = &stage.test.world;
    world.answer_probe("CALL old.one()", ran(5), Err("There is no procedure with the name `old.one`."));
    world.answer_probe("MATCH (slow) RETURN slow", ran(300), ran(1_200));
    world.answer_probe("CALL gone()", Err("no"), Err("no"));
    for (name, text) in [
        ("fine", "RETURN 1"),
        ("procedure", "CALL old.one()"),
        ("slow", "MATCH (slow) RETURN slow"),
        ("both", "CALL gone()"),
    ] {
        save(&stage, name, text).await;
    }
    let (_, view) = rehearsed(&stage, of_image(NEW)).await.expect("rehearsed");
    assert_eq!(view.brief.state, JobState::Succeeded, "{:?}", view.problem);
    let (says, log) = proven(&view);
    for sentence in [
        "1 of 4 probe queries fail with the new version: procedure.",
        "1 of 4 probe queries fail with the new version as they do today: both.",
        "1 of 4 probe queries take at least twice as long with the new version: slow.",
    ] {
        assert!(says.contains(sentence), "{says}");
    }
    let line = "Probe query slow: new version: 1.2\u{202f}s, 7 rows; today: 0.3\u{202f}s, 7 rows";
    assert!(log.contains(&line), "{log:?}");
    assert_eq!(stage.test.world.leftovers(), [""; 0]);
}

#[tokio::test]
async fn without_the_server_of_today_the_new_version_is_tried_all_the_same() {
    let stage = stage().await;
    save(&stage, "fine", "RETURN 1").await;
    let (_, view) = rehearsed(&stage, of_image(NEW)).await.expect("rehearsed");
    assert!(
        proven(&view).0.ends_with("Of 1 probe query all run with the new version and are not much slower than today.")
    );
    stage.test.world.set_silent(true);
    let (_, view) = rehearsed(&stage, of_image(NEW)).await.expect("rehearsed");
    assert_eq!(view.brief.state, JobState::Succeeded, "{:?}", view.problem);
    let (says, log) = proven(&view);
    assert!(says.ends_with("1 of 1 probe query run with the new version and not today: fine."), "{says}");
    assert!(log.iter().any(|line| line.contains("today: fails: Bolt does not answer")), "{log:?}");
}
