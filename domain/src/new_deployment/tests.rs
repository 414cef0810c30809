use super::*;
use crate::image::Version;

const GIB: u64 = 1 << 30;

fn request() -> Request<'static> {
    Request { name: "shop", image: "neo4j:5.26.5", limit: "4g", ..Request::default() }
}

fn wanted(request: &Request<'_>) -> NewDeployment {
    request.parse().expect("a deployment")
}

#[test]
fn what_is_left_empty_is_what_is_usual() {
    let shop = wanted(&request());
    assert_eq!((shop.data_volume.as_str(), shop.logs_volume.as_str()), ("shop-data", "shop-logs"));
    assert_eq!(shop.published, Published { address: [127, 0, 0, 1].into(), bolt: 0, http: 0 });
    assert_eq!((shop.limit, shop.heap, shop.page_cache), (4 * GIB, 2 * GIB, GIB / 2));
    assert_eq!((shop.environment, shop.network), (Environment::Production, None));
}

#[test]
fn what_cannot_be_is_refused_with_its_field() {
    for (request, field, words) in [
        (Request { name: "x", ..request() }, "name", "two characters"),
        (Request { name: "a b", ..request() }, "name", "letters"),
        (Request { environment: "prod", ..request() }, "environment", "staging"),
        (Request { image: "neo4j:enterprise:5.15", ..request() }, "image", "neo4j:5.15.0-enterprise"),
        (Request { limit: "", ..request() }, "limit", "600m"),
        (Request { heap: "much", ..request() }, "heap", "600m"),
        (Request { data_volume: "../etc", ..request() }, "data_volume", "letters"),
        (Request { logs_volume: "shop-data", ..request() }, "logs_volume", "a volume each"),
        (Request { network: "host", ..request() }, "network", "applications"),
        (Request { address: "0.0.0.0", ..request() }, "address", "every network"),
        (Request { address: "::", ..request() }, "address", "every network"),
        (Request { address: "graph.example.com", ..request() }, "address", "127.0.0.1"),
        (Request { bolt_port: "70000", ..request() }, "bolt_port", "65535"),
        (Request { bolt_port: "7687", http_port: "7687", ..request() }, "http_port", "a port each"),
    ] {
        let refused = request.parse().expect_err(field);
        assert!(refused.field == field && refused.why.contains(words), "{refused:?}");
    }
    for (request, field) in [
        (Request { image: "neo4j:5", ..request() }, "image"),
        (Request { heap: "5g", ..request() }, "heap"),
        (Request { image: "neo4j:5.26.5-enterprise", ..request() }, "accept_license"),
    ] {
        let refused = wanted(&request).plan(None, Some(16 * GIB)).expect_err(field);
        assert_eq!(refused.field, field, "{refused:?}");
    }
    assert_eq!(wanted(&request()).plan(None, Some(GIB)).expect_err("a small host").field, "limit");
}

#[test]
fn the_container_has_its_own_volumes_and_memory_under_the_names_of_its_version() {
    let enterprise =
        Request { image: "neo4j:5.26.5-enterprise", accepts_licence: true, bolt_port: "7687", ..request() };
    let planned = wanted(&enterprise).plan(None, None).expect("a plan").container;
    let value = |container: &Container, name: &str| container.env_value(name).map(str::to_owned);
    assert_eq!(value(&planned, "NEO4J_server_memory_heap_max__size").as_deref(), Some("2g"));
    assert_eq!(value(&planned, "NEO4J_ACCEPT_LICENSE_AGREEMENT").as_deref(), Some("yes"));
    assert_eq!(planned.ports[1].host, Some(HostPort { address: "127.0.0.1".into(), port: 7687 }));
    let mounts: Vec<_> = planned.mounts.iter().map(|mount| (mount.source_name(), mount.at.as_str())).collect();
    assert_eq!(mounts, [("shop-data", "/data"), ("shop-logs", "/logs")]);
    // What is in the image counts, not its tag.
    let older = Release { edition: Edition::Community, version: Version::new(4, 4, 40) };
    let planned = wanted(&request()).plan(Some(older), None).expect("a plan").container;
    assert_eq!(value(&planned, "NEO4J_dbms_memory_heap_max__size").as_deref(), Some("2g"));
}

#[test]
fn a_first_password_is_one_that_neo4j_takes() {
    assert_eq!(first_password("correct horse"), Ok(()));
    for bad in ["short", "", "with/slash", "line\nbreak..."] {
        assert_eq!(first_password(bad).expect_err(bad).field, "password");
    }
}

#[test]
fn it_is_kept_with_its_job_and_read_again() {
    let shop = wanted(&request());
    let text = serde_json::to_string(&shop).expect("json");
    assert_eq!(serde_json::from_str::<NewDeployment>(&text).expect("read"), shop);
}
