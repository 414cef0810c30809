//! Neo4j over Bolt: one sign-in a call, each failure told apart, nothing left behind.

use super::shared_neo4j;
use adapters::bolt::BoltClient;
use domain::cypher::Statement;
use ports::{BoltServer, GraphError, GraphServer, Row};
use serde_json::json;
use std::time::{Duration, Instant};
use tests::neo4j::{Neo4j, PASSWORD};
use tokio::net::TcpListener;

/// Each ends its quotes, or something else, where they are not doubled and escaped.
const ODD_NAMES: [&str; 14] = [
    "Person",
    "a b",
    "`",
    "``",
    "we`ird",
    "\\",
    "a\\",
    "\\u0060",
    "a\\u0060b",
    "\\\\u0060",
    "\\uu0060",
    "\\u005Cu0060",
    "a\nb",
    "x`: 1}) DETACH DELETE n // é🚀",
];

const LIMIT: Duration = Duration::from_secs(20);

fn as_user(neo4j: &Neo4j, user: &str, password: &str) -> BoltServer {
    BoltServer {
        addresses: vec![format!("127.0.0.1:{}", neo4j.bolt_port)],
        tls: false,
        user: user.into(),
        password: password.into(),
    }
}

fn as_admin(neo4j: &Neo4j) -> BoltServer {
    as_user(neo4j, "neo4j", PASSWORD)
}

async fn ask(bolt: &BoltClient, server: &BoltServer, statement: &'static str) -> Result<Vec<Row>, GraphError> {
    bolt.query(server, "neo4j", &[Statement::fixed(statement)], LIMIT).await.map(|mut all| all.remove(0))
}

/// A user of this test's own, so that no lock hits another test.
async fn new_user(neo4j: &Neo4j, name: &str, change: &'static str) -> BoltServer {
    let made = Statement::fixed("CREATE OR REPLACE USER ")
        .identifier(name)
        .then(" SET PASSWORD $password ")
        .then(change)
        .with("password", "right-right");
    BoltClient::default().query(&as_admin(neo4j), "system", &[made], LIMIT).await.expect("a user");
    as_user(neo4j, name, "right-right")
}

fn with_password(server: &BoltServer, password: &str) -> BoltServer {
    BoltServer { password: password.into(), ..server.clone() }
}

async fn closed_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    listener.local_addr().expect("an address").to_string()
}

#[tokio::test]
async fn rows_come_back_as_json_one_list_a_statement() {
    let (neo4j, _turn) = shared_neo4j().await;
    let values = "RETURN 1 AS int, 1.5 AS float, 'ü\"' AS text, true AS bool, null AS nothing, [1, 'a', [null]] AS \
        list, {k: {n: 2}} AS map, \
        date('2026-02-03') AS day, datetime('2026-02-03T04:05:06+01:00') AS at, \
        datetime('2026-02-03T04:05:06[Europe/Berlin]') AS zoned, \
        localdatetime('2026-02-03T04:05:06.5') AS local, 0.0/0.0 AS nan";
    let statements =
        [values, "UNWIND range(1, 450) AS n RETURN n", "MATCH (n:NoSuchLabel) RETURN n"].map(Statement::fixed);
    let all = BoltClient::default().query(&as_admin(neo4j), "neo4j", &statements, LIMIT).await.expect("rows");
    let expected = json!({
        "int": 1, "float": 1.5, "text": "ü\"", "bool": true, "nothing": null, "list": [1, "a", [null]], "map": {"k": {"n": 2}},
        "day": "2026-02-03", "at": "2026-02-03T04:05:06+01:00", "zoned": "2026-02-03T04:05:06+01:00", "local": "2026-02-03T04:05:06.500", "nan": null
    });
    assert_eq!(all[0], [expected.as_object().expect("an object").clone()]);
    assert_eq!((all[1].len(), all[1][449]["n"].clone(), all[2].len()), (450, json!(450), 0));
    let databases = BoltClient::default()
        .query(&as_admin(neo4j), "system", &[Statement::fixed("SHOW DATABASES YIELD name, currentStatus")], LIMIT)
        .await
        .expect("rows");
    assert!(databases[0].iter().any(|row| row["name"] == "neo4j" && row["currentStatus"] == "online"));
}

/// Names that could end their quotes, also by Neo4j's own escapes, and values that are no text.
#[tokio::test]
async fn what_people_enter_comes_back_as_it_was_and_is_never_read_as_cypher() {
    let (neo4j, _turn) = shared_neo4j().await;
    let bolt = BoltClient::default();
    for name in ODD_NAMES {
        let keys = Statement::fixed("RETURN keys({").identifier(name).then(": 1})[0] AS key, $value AS value");
        let rows = bolt.query(&as_admin(neo4j), "neo4j", &[keys.with("value", name)], LIMIT).await;
        let row = rows.unwrap_or_else(|error| panic!("{name:?}: {error}")).remove(0).remove(0);
        assert_eq!((&row["key"], &row["value"]), (&json!(name), &json!(name)));
    }
    let values = json!({ "n": -1, "list": [1.5, true, null], "map": { "text": "é🚀" } });
    let same = Statement::fixed("RETURN $value AS value").with("value", values.clone());
    let rows = bolt.query(&as_admin(neo4j), "neo4j", &[same], LIMIT).await.expect("a row");
    assert_eq!(rows[0][0]["value"], values);
    let too_large = Statement::fixed("RETURN $n AS n").with("n", u64::MAX);
    assert!(bolt.query(&as_admin(neo4j), "neo4j", &[too_large], LIMIT).await.is_err());
    assert_eq!(ask(&bolt, &as_admin(neo4j), "RETURN 1 AS n").await.expect("the next call")[0]["n"], 1);
}

#[tokio::test]
async fn an_answer_without_end_is_given_up() {
    let (neo4j, _turn) = shared_neo4j().await;
    let bolt = BoltClient::default();
    // It ends by what was read, long before this.
    let limit = Duration::from_secs(300);
    for endless in [
        "UNWIND range(1, 1000000000) AS n RETURN n",
        "UNWIND range(1, 100000) AS n RETURN reduce(s = '', i IN range(1, 2000) | s + 'x') AS text",
    ] {
        assert_eq!(
            bolt.query(&as_admin(neo4j), "neo4j", &[Statement::fixed(endless)], limit).await,
            Err(GraphError::TooMuch),
            "{endless}"
        );
    }
    assert_eq!(ask(&bolt, &as_admin(neo4j), "RETURN 1 AS n").await.expect("the next call")[0]["n"], 1);
}

#[tokio::test]
async fn a_refused_statement_tells_neo4js_code_and_the_next_call_works() {
    let (neo4j, _turn) = shared_neo4j().await;
    let bolt = BoltClient::default();
    let refused = bolt
        .query(
            &as_admin(neo4j),
            "neo4j",
            &["RETURN 1", "RETURN nonsense", "CREATE (:Never)"].map(Statement::fixed),
            LIMIT,
        )
        .await;
    assert!(
        matches!(refused, Err(GraphError::Refused { code, message }) if code == "Neo.ClientError.Statement.SyntaxError" && message.contains("nonsense"))
    );
    let unknown = bolt.query(&as_admin(neo4j), "nosuchdb", &[Statement::fixed("RETURN 1")], LIMIT).await;
    assert!(
        matches!(unknown, Err(GraphError::Refused { code, .. }) if code == "Neo.ClientError.Database.DatabaseNotFound")
    );
    assert_eq!(ask(&bolt, &as_admin(neo4j), "MATCH (n:Never) RETURN count(n) AS n").await.expect("rows")[0]["n"], 0);
}

/// Neo4j locks a user at the third failure in a row. With one of ours and one of another client the right password
/// still works; had ours counted twice, it would not.
#[tokio::test]
async fn a_wrong_password_is_sent_exactly_once() {
    let (neo4j, _turn) = shared_neo4j().await;
    let right = new_user(neo4j, "once", "CHANGE NOT REQUIRED").await;
    let mut wrong = with_password(&right, "wrong-wrong");
    wrong.addresses.insert(0, closed_port().await);
    wrong.addresses.push(wrong.addresses[1].clone());
    let bolt = BoltClient::default();
    assert_eq!(
        bolt.query(&wrong, "neo4j", &["RETURN 1", "RETURN 2"].map(Statement::fixed), LIMIT).await,
        Err(GraphError::Unauthorized)
    );
    assert_eq!(ask(&BoltClient::default(), &wrong, "RETURN 1").await, Err(GraphError::Unauthorized));
    ask(&bolt, &right, "RETURN 1").await.expect("two failures do not lock");

    // The other way round: two of ours and a third do.
    let watched = new_user(neo4j, "watched", "CHANGE NOT REQUIRED").await;
    let wrong = with_password(&watched, "wrong-wrong");
    for _ in 0..3 {
        assert_eq!(ask(&bolt, &wrong, "RETURN 1").await, Err(GraphError::Unauthorized));
    }
    assert_eq!(ask(&bolt, &watched, "RETURN 1").await, Err(GraphError::RateLimited));
}

#[tokio::test]
async fn a_password_that_must_be_changed_is_told_as_such() {
    let (neo4j, _turn) = shared_neo4j().await;
    let fresh = new_user(neo4j, "fresh", "CHANGE REQUIRED").await;
    let bolt = BoltClient::default();
    assert_eq!(ask(&bolt, &fresh, "RETURN 1").await, Err(GraphError::PasswordChangeRequired));
    let shown = bolt.query(&fresh, "system", &[Statement::fixed("SHOW DATABASES")], LIMIT).await;
    assert_eq!(shown, Err(GraphError::PasswordChangeRequired));
}

#[tokio::test]
async fn the_first_address_that_listens_is_taken_and_none_is_told_soon() {
    let (neo4j, _turn) = shared_neo4j().await;
    let mut server = as_admin(neo4j);
    server.addresses.insert(0, closed_port().await);
    server.addresses.insert(0, "no-such-host.invalid:7687".into());
    assert_eq!(ask(&BoltClient::default(), &server, "RETURN 1 AS one").await.expect("rows")[0]["one"], 1);

    let started = Instant::now();
    let nowhere = BoltServer { addresses: vec![closed_port().await, closed_port().await], ..server.clone() };
    assert!(
        matches!(ask(&BoltClient::default(), &nowhere, "RETURN 1").await, Err(GraphError::Unreachable(why)) if why.matches("127.0.0.1").count() == 2)
    );
    let none = BoltServer { addresses: vec![], ..server.clone() };
    assert!(matches!(ask(&BoltClient::default(), &none, "RETURN 1").await, Err(GraphError::Unreachable(_))));
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn a_port_that_speaks_something_else_is_unreachable_and_one_that_says_nothing_times_out() {
    let (neo4j, _turn) = shared_neo4j().await;
    let http = BoltServer { addresses: vec![format!("127.0.0.1:{}", neo4j.http_port)], ..as_admin(neo4j) };
    assert!(matches!(ask(&BoltClient::default(), &http, "RETURN 1").await, Err(GraphError::Unreachable(_))));
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let server =
        BoltServer { addresses: vec![silent.local_addr().expect("an address").to_string()], ..as_admin(neo4j) };
    let started = Instant::now();
    assert_eq!(
        BoltClient::default().query(&server, "neo4j", &[Statement::fixed("RETURN 1")], Duration::from_secs(1)).await,
        Err(GraphError::TimedOut)
    );
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_given_up_on_both_sides() {
    let (neo4j, _turn) = shared_neo4j().await;
    let bolt = BoltClient::default();
    let endless =
        "UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b WITH a, b WHERE a = -b RETURN count(*) AS endless";
    let started = Instant::now();
    let answer = bolt.query(&as_admin(neo4j), "neo4j", &[Statement::fixed(endless)], Duration::from_secs(2)).await;
    assert_eq!(answer, Err(GraphError::TimedOut));
    assert!(started.elapsed() < Duration::from_secs(4));
    let running = "SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery STARTS WITH 'UNWIND range(1, 1000000)' \
        RETURN count(*) AS n";
    loop {
        let left = ask(&bolt, &as_admin(neo4j), running).await.expect("rows")[0]["n"].clone();
        if left == json!(0) {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(40), "Neo4j still works on it");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// Signed-in connections of the Bolt protocol to this server, those of this question's own included.
async fn connections(neo4j: &Neo4j, user: &str) -> u64 {
    let rows = neo4j.cypher("CALL dbms.listConnections() YIELD connector, username RETURN connector, username").await;
    rows.iter().filter(|row| row[0] == "bolt" && row[1] == user).count() as u64
}

#[tokio::test]
async fn a_connection_that_worked_is_used_again_and_one_that_failed_is_closed() {
    let (neo4j, _turn) = shared_neo4j().await;
    let user = new_user(neo4j, "keeper", "CHANGE NOT REQUIRED").await;
    let bolt = BoltClient::default();
    for _ in 0..5 {
        ask(&bolt, &user, "RETURN 1").await.expect("rows");
    }
    assert_eq!(connections(neo4j, "keeper").await, 1);
    let (one, other) = tokio::join!(ask(&bolt, &user, "RETURN 1"), ask(&bolt, &user, "RETURN 1"));
    one.and(other).expect("two at once are fine");
    assert!(ask(&bolt, &user, "RETURN nonsense").await.is_err());
    for _ in 0..20 {
        if connections(neo4j, "keeper").await == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("connections are left: {}", connections(neo4j, "keeper").await);
}

#[tokio::test]
async fn after_a_restart_of_the_server_the_kept_connection_is_replaced() {
    let (neo4j, _turn) = shared_neo4j().await;
    let bolt = BoltClient::default();
    ask(&bolt, &as_admin(neo4j), "RETURN 1").await.expect("rows");
    tests::docker::docker().run(&["restart", "-t", "120", &neo4j.name]);
    neo4j.wait_ready().await;
    // At most one call may notice; the console asks again a moment later anyway.
    let _noticed = ask(&bolt, &as_admin(neo4j), "RETURN 1").await;
    ask(&bolt, &as_admin(neo4j), "RETURN 1").await.expect("rows");
}
