//! Probe queries saved, refused and removed. Those of a rehearsal: `changes/probe_tests`.

use super::{ListProbeQueries, RemoveProbeQuery, SaveProbeQuery, Saved};
use crate::error::Error;
use crate::jobs::stage::{Stage, sales};
use crate::testing::actor;
use crate::use_cases::audit::ListAudit;
use crate::use_cases::deployments::ForgetDeployment;
use domain::member::Role;
use domain::probe_query::{MOST, ProbeName, ProbeQuery, ProbeText};

fn probe(name: &str, text: &str) -> ProbeQuery {
    ProbeQuery {
        name: ProbeName::parse(name).expect("a name"),
        database: domain::database::DatabaseName::default(),
        query: ProbeText::parse(text).expect("a query"),
    }
}

async fn save(stage: &Stage, name: &str, text: &str) -> Result<Saved, Error> {
    let save = SaveProbeQuery { deployment: sales(), probe: probe(name, text) };
    stage.test.console.perform(&actor(Role::Admin), save).await
}

async fn listed(stage: &Stage) -> Vec<ProbeQuery> {
    let list = ListProbeQueries { deployment: sales() };
    stage.test.console.ask(&actor(Role::Viewer), list).await.expect("a list")
}

#[tokio::test]
async fn a_query_is_saved_replaced_and_removed_and_its_text_is_not_in_the_audit_log() {
    let stage = Stage::new().await;
    assert_eq!(save(&stage, "orders", "MATCH (o:Order) RETURN count(o)").await.expect("saved"), Saved::Checked);
    save(&stage, "orders", "MATCH (o:Order) RETURN o LIMIT 1").await.expect("replaced");
    assert_eq!(listed(&stage).await, [probe("orders", "MATCH (o:Order) RETURN o LIMIT 1")]);
    let remove = || RemoveProbeQuery { deployment: sales(), name: ProbeName::parse("orders").expect("a name") };
    stage.test.console.perform(&actor(Role::Admin), remove()).await.expect("removed");
    assert_eq!(listed(&stage).await, []);
    let gone = stage.test.console.perform(&actor(Role::Admin), remove()).await.expect_err("gone").problem();
    assert!(gone.title.contains("no probe query orders"), "{gone}");
    let log = async |find: &str| {
        let ask = ListAudit { find: find.into(), page: 1 };
        stage.test.console.ask(&actor(Role::Admin), ask).await.expect("the log").total
    };
    assert_eq!((log("save probe query").await, log("LIMIT 1").await), (2, 0));
}

#[tokio::test]
async fn what_would_write_and_what_neo4j_does_not_understand_is_refused() {
    let stage = Stage::new().await;
    stage.test.world.answer_probe("RETRUN 1", Err("Invalid input 'RETRUN'"), Err("the same"));
    for (text, says) in [("CREATE (n) RETURN n", "may only read"), ("RETRUN 1", "Invalid input 'RETRUN'")] {
        let refused = save(&stage, "x", text).await.expect_err("refused").problem();
        assert!(refused.field("query").is_some_and(|why| why.contains(says)), "{refused:?}");
    }
    assert_eq!(listed(&stage).await, []);
}

#[tokio::test]
async fn without_an_answer_it_is_saved_unchecked() {
    let stage = Stage::new().await;
    stage.test.world.set_silent(true);
    assert_eq!(save(&stage, "x", "RETRUN 1").await.expect("saved"), Saved::Unchecked);
    stage.test.world.set_silent(false);
    stage.test.world.remove_container("sales");
    assert_eq!(save(&stage, "y", "RETURN 1").await.expect("saved"), Saved::Unchecked);
}

#[tokio::test]
async fn there_are_at_most_twenty_and_they_go_with_the_deployment() {
    let stage = Stage::new().await;
    for n in 0..MOST {
        save(&stage, &format!("q{n}"), "RETURN 1").await.expect("saved");
    }
    let refused = save(&stage, "one more", "RETURN 1").await.expect_err("refused").problem();
    assert!(refused.title.contains("Remove one first"), "{refused}");
    save(&stage, "q0", "RETURN 2").await.expect("replaced");
    let forget = ForgetDeployment { deployment: sales() };
    stage.test.console.perform(&actor(Role::Admin), forget).await.expect("forgotten");
    assert_eq!(stage.test.console.state.store.probe_queries(&sales()).await.expect("a list"), []);
}
