//! What is sent to the engine, from its own words.

use super::super::scripted_engine::{Answer, ScriptedEngine};
use super::description::Description;
use super::endpoints::Endpoint;
use super::facts::Facts;
use domain::change::{Difference, ImageUse};
use domain::container::{ContainerId, ImageId};
use ports::{EngineError, Recreation};
use serde_json::{Value, json};

const ID: &str = "0af3c5e1b2d4aaaabbbbccccddddeeeeffff00001111222233334444555566ff";
const DATA: &str = "e88920c3d426a4e4ffb99465e31dee5ab6dac3fa9fa48860844541e213cb79c1";
const OLD: (u32, u32) = (1, 41);
const NEW: (u32, u32) = (1, 44);

/// The part of a container that a test is about.
fn container(parts: &Value) -> Value {
    let mut all = json!({ "Id": ID, "Name": "/sales", "Image": "sha256:aa" });
    all.as_object_mut().expect("an object").extend(parts.as_object().expect("an object").clone());
    all
}

fn described(container: &Value, image: &Value, differences: &[Difference], api: (u32, u32)) -> Description {
    Description::new(&Facts { container, image, image_words: "neo4j:5".into(), api }, differences)
}

/// Of a container whose image says nothing.
fn same(parts: &Value) -> Value {
    described(&container(parts), &json!({}), &[], OLD).body
}

fn another_image() -> Difference {
    let of = |reference: &str, id: &str| ImageUse {
        reference: reference.into(),
        id: Some(ImageId(id.into())),
        digest: None,
    };
    Difference::Image { before: of("neo4j:4", "sha256:aa"), after: of("neo4j:5", "sha256:bb") }
}

/// Its `Config`, when it changes to another image than the one with this `Config`.
fn moved(config: &Value, image: &Value) -> Value {
    let container = container(&json!({ "Config": config }));
    described(&container, &json!({ "Config": image }), &[another_image()], OLD).body
}

#[test]
fn what_nobody_knows_is_carried() {
    let body = same(&json!({
        "Config": { "Future": { "Deep": [1.5, u64::MAX, null] }, "Image": "neo4j:4", "Tty": true },
        "HostConfig": { "Future": ["a", { "b": false }], "NetworkMode": "web" },
        "NetworkSettings": { "Networks": {
            "web": { "Future": { "c": 1 }, "GwPriority": 7, "DriverOpts": { "d": "e" } },
        } },
    }));
    assert_eq!(
        body,
        json!({
            "Future": { "Deep": [1.5, u64::MAX, null] }, "Image": "neo4j:5", "Tty": true,
            "HostConfig": { "Future": ["a", { "b": false }], "NetworkMode": "web" },
            "NetworkingConfig": { "EndpointsConfig": {
                "web": { "Future": { "c": 1 }, "GwPriority": 7, "DriverOpts": { "d": "e" } },
            } },
        })
    );
}

#[test]
fn an_image_that_stays_has_nothing_taken_away() {
    let config = json!({ "Env": ["PATH=/bin", "A=1"], "Labels": { "a": "b" }, "User": "neo4j", "Cmd": ["neo4j"] });
    let seen = container(&json!({ "Config": config }));
    let body = described(&seen, &json!({ "Config": config }), &[], OLD).body;
    for key in ["Env", "Labels", "User", "Cmd"] {
        assert_eq!(body[key], config[key], "{key}");
    }
}

#[test]
fn another_image_brings_its_own_defaults_and_what_was_asked_for_stays() {
    let image = json!({
        "Env": ["PATH=/bin", "NEO4J_EDITION=community", "LANG=C"], "Labels": { "maker": "x", "version": "4" },
        "Volumes": { "/data": {}, "/logs": {} }, "ExposedPorts": { "7474/tcp": {}, "7687/tcp": {} },
        "WorkingDir": "/var/lib/neo4j", "User": "neo4j", "StopSignal": "SIGTERM", "Shell": ["/bin/sh"],
        "Entrypoint": ["tini", "--"], "Cmd": ["neo4j"],
        "Healthcheck": { "Test": ["CMD", "true"], "Interval": 5, "Retries": 3 },
    });
    let untouched = moved(&image, &image);
    assert_eq!(untouched, json!({ "Env": [], "Image": "neo4j:5", "HostConfig": {} }));

    let asked = json!({
        "Env": ["PATH=/opt", "NEO4J_EDITION=community", "A=1"], "Labels": { "maker": "me", "version": "4", "own": "" },
        "Volumes": { "/data": {}, "/extra": {} }, "ExposedPorts": { "7687/tcp": {}, "9000/tcp": {} },
        "WorkingDir": "/", "User": "1000", "StopSignal": "SIGINT", "Shell": ["/bin/bash"],
        "Entrypoint": ["bash"], "Cmd": ["neo4j"], "Healthcheck": { "Test": ["CMD", "true"], "Interval": 9 },
    });
    assert_eq!(
        moved(&asked, &image),
        json!({
            "Env": ["PATH=/opt", "A=1"], "Labels": { "maker": "me", "own": "" }, "Volumes": { "/extra": {} },
            "ExposedPorts": { "9000/tcp": {} }, "WorkingDir": "/", "User": "1000", "StopSignal": "SIGINT",
            "Shell": ["/bin/bash"], "Entrypoint": ["bash"], "Cmd": ["neo4j"], "Healthcheck": { "Interval": 9 },
            "Image": "neo4j:5", "HostConfig": {},
        })
    );
}

#[test]
fn a_published_port_stays_exposed_although_the_image_exposes_it_too() {
    let ports = json!({ "7474/tcp": {}, "7687/tcp": {} });
    let seen = container(&json!({
        "Config": { "ExposedPorts": ports }, "HostConfig": { "PortBindings": { "7687/tcp": [{ "HostPort": "7687" }] } },
    }));
    let body = described(&seen, &json!({ "Config": { "ExposedPorts": ports } }), &[another_image()], OLD).body;
    assert_eq!(body["ExposedPorts"], json!({ "7687/tcp": {} }));
}

#[test]
fn a_command_is_the_images_only_with_its_entrypoint() {
    let image = json!({ "Entrypoint": ["tini"], "Cmd": ["neo4j"] });
    let of = |entrypoint: Value, cmd: Value| {
        let config = moved(&json!({ "Entrypoint": entrypoint, "Cmd": cmd }), &image);
        (config.get("Entrypoint").cloned(), config.get("Cmd").cloned())
    };
    assert_eq!(of(json!(["tini"]), json!(["neo4j"])), (None, None));
    assert_eq!(of(json!(["tini"]), json!(["other"])), (None, Some(json!(["other"]))));
    assert_eq!(of(json!(["tini"]), json!(null)), (Some(json!(["tini"])), Some(json!(null))), "none was asked for");
    assert_eq!(of(json!(["bash"]), json!(["neo4j"])), (Some(json!(["bash"])), Some(json!(["neo4j"]))));
    assert_eq!(of(json!(null), json!(["neo4j"])), (Some(json!([""])), Some(json!(["neo4j"]))));
}

#[test]
fn no_entrypoint_stays_none_where_the_image_has_one() {
    let seen = container(&json!({ "Config": { "Entrypoint": null, "Cmd": ["sleep", "5"] } }));
    let entrypoint = |image: Value| described(&seen, &json!({ "Config": image }), &[], OLD).body["Entrypoint"].clone();
    assert_eq!(entrypoint(json!({ "Entrypoint": ["tini"] })), json!([""]));
    assert_eq!(entrypoint(json!({ "Entrypoint": null })), json!(null));
    assert_eq!(entrypoint(json!({})), json!(null));
}

#[test]
fn a_nameless_volume_becomes_the_same_volume_by_its_name() {
    let volume = |name: &str, at: &str, writable: bool| json!({ "Type": "volume", "Name": name, "Destination": at, "RW": writable });
    let mounted = json!([
        volume(DATA, "/data", true), volume("named", "/logs", true), volume("kept", "/plugins", true),
        volume("v1", "/nameless", true), volume("v2", "/alone", true), volume("v3", "/from", false),
        volume("v4", "/memory", true), { "Type": "bind", "Source": "/srv", "Destination": "/import", "RW": true },
    ]);
    let body = same(&json!({ "Mounts": mounted, "HostConfig": {
        "Binds": ["named:/logs/:rw", "/srv:/import:ro,Z", "/alone"],
        "Mounts": [
            { "Type": "volume", "Source": "kept", "Target": "/plugins", "VolumeOptions": { "NoCopy": true } },
            { "Type": "volume", "Target": "/nameless/" }, { "Type": "tmpfs", "Target": "/t" },
        ],
        "Tmpfs": { "/memory/": "" }, "VolumesFrom": ["other:ro"],
    } }));
    let host = &body["HostConfig"];
    let data = format!("{DATA}:/data");
    assert_eq!(host["Binds"], json!(["named:/logs/:rw", "/srv:/import:ro,Z", data, "v2:/alone", "v3:/from:ro"]));
    assert_eq!(
        host["Mounts"],
        json!([
            { "Type": "volume", "Source": "kept", "Target": "/plugins", "VolumeOptions": { "NoCopy": true } },
            { "Type": "volume", "Target": "/nameless/", "Source": "v1" }, { "Type": "tmpfs", "Target": "/t" },
        ])
    );
    assert_eq!((&host["VolumesFrom"], &host["Tmpfs"]), (&json!(["other:ro"]), &json!({ "/memory/": "" })));
    assert_eq!(same(&json!({ "HostConfig": { "Binds": null } }))["HostConfig"], json!({ "Binds": null }));
}

#[test]
fn links_are_written_as_the_engine_takes_them() {
    let body = same(&json!({ "HostConfig": { "Links": ["/other:/sales/db", "plain:alias"] } }));
    assert_eq!(body["HostConfig"]["Links"], json!(["other:db", "plain:alias"]));
    assert_eq!(same(&json!({ "HostConfig": { "Links": null } }))["HostConfig"], json!({ "Links": null }));
}

#[test]
fn a_host_name_is_kept_where_somebody_gave_it_and_the_engine_takes_it() {
    let hostname = |name: &str, host: Value| {
        same(&json!({ "Config": { "Hostname": name }, "HostConfig": host })).get("Hostname").cloned()
    };
    assert_eq!(hostname("graph", json!({})), Some("graph".into()));
    assert_eq!(hostname("vm", json!({ "NetworkMode": "host" })), Some("vm".into()));
    assert_eq!(hostname(&ID[..12], json!({})), None, "the new one has another id");
    assert_eq!(hostname("vm", json!({ "UTSMode": "host" })), None);
    assert_eq!(hostname("other", json!({ "NetworkMode": "container:0be" })), None);
}

#[test]
fn a_container_in_the_network_of_another_exposes_nothing_itself() {
    let config = json!({ "ExposedPorts": { "7687/tcp": {} } });
    let inside = same(&json!({ "Config": config, "HostConfig": { "NetworkMode": "container:0be" } }));
    assert_eq!(inside.get("ExposedPorts"), None);
    assert_eq!(same(&json!({ "Config": config }))["ExposedPorts"], config["ExposedPorts"]);
}

#[test]
fn differences_change_what_they_name_and_nothing_else() {
    let variable = |name: &str, before: Option<&str>, after: Option<&str>| Difference::Variable {
        name: name.into(),
        before: before.map(Into::into),
        after: after.map(Into::into),
    };
    let env = ["A=1", "AA=x=y", "GONE=1", "B", "A=doubled", "TWO=a\nb"];
    let seen = container(
        &json!({ "Config": { "Env": env, "StopTimeout": 10 }, "HostConfig": { "Memory": 64, "MemorySwap": 128 } }),
    );
    let all = [
        variable("A", Some("1"), Some("say \"ü\"\n=2")),
        variable("GONE", Some("1"), None),
        variable("NEW", None, Some("")),
        Difference::StopTimeout { before: Some(10), after: Some(180) },
        Difference::MemoryLimit { before: Some(64), after: Some(100) },
    ];
    let body = described(&seen, &json!({}), &all, OLD).body;
    assert_eq!(body["Env"], json!(["A=say \"ü\"\n=2", "AA=x=y", "B", "TWO=a\nb", "NEW="]));
    assert_eq!(body["StopTimeout"], 180);
    assert_eq!(body["HostConfig"], json!({ "Memory": 100, "MemorySwap": 200 }));
    let none = described(&seen, &json!({}), &[Difference::StopTimeout { before: Some(10), after: None }], OLD).body;
    assert_eq!((none.get("StopTimeout"), &none["Env"]), (None, &json!(env)));
    let first = same(&json!({ "Config": { "Env": null } }));
    assert_eq!(first["Env"], json!(null));
    let seen = container(&json!({ "Config": { "Env": null } }));
    assert_eq!(described(&seen, &json!({}), &[variable("A", None, Some("1"))], OLD).body["Env"], json!(["A=1"]));
}

fn on_networks(mode: &str, networks: &Value, api: (u32, u32)) -> Description {
    let seen = container(&json!({
        "Config": { "MacAddress": "02:42:ac:11:00:99" },
        "HostConfig": { "NetworkMode": mode }, "NetworkSettings": { "Networks": networks },
    }));
    described(&seen, &json!({}), &[], api)
}

fn two_networks() -> Value {
    json!({
        "a": {
            "Aliases": ["graph", &ID[..12]], "IPAMConfig": { "IPv4Address": "10.0.0.5" }, "Links": ["other:db"],
            "EndpointID": "e", "NetworkID": "n", "Gateway": "10.0.0.1", "IPAddress": "10.0.0.5", "IPPrefixLen": 24,
            "IPv6Gateway": "", "GlobalIPv6Address": "", "GlobalIPv6PrefixLen": 0, "DNSNames": ["sales"],
            "MacAddress": "02:42:0a:00:00:05", "DriverOpts": null,
        },
        "b": { "Aliases": null, "IPAMConfig": null, "MacAddress": "02:42:ac:11:00:99", "NetworkID": "b-id" },
    })
}

#[test]
fn the_creation_names_one_network_and_the_others_follow_where_the_engine_takes_but_one() {
    let a = json!({
        "Aliases": ["graph"], "IPAMConfig": { "IPv4Address": "10.0.0.5" }, "Links": ["other:db"], "DriverOpts": null,
    });
    let b = json!({ "Aliases": null, "IPAMConfig": null });
    for mode in ["b", "b-id"] {
        let described = on_networks(mode, &two_networks(), OLD);
        assert_eq!(described.body["NetworkingConfig"], json!({ "EndpointsConfig": { "b": b } }), "{mode}");
        assert_eq!(described.connect, [Endpoint { network: "a".into(), settings: a.clone() }]);
        assert_eq!((described.leave.as_deref(), &described.body["MacAddress"]), (None, &json!("02:42:ac:11:00:99")));
        assert_eq!(described.networks().collect::<Vec<_>>(), ["b", "a"]);
    }
    let moved_on = on_networks("gone", &two_networks(), OLD);
    assert_eq!(moved_on.body["NetworkingConfig"], json!({ "EndpointsConfig": { "a": a } }));

    let at_once = on_networks("b", &two_networks(), NEW);
    let with_address = json!({ "Aliases": null, "IPAMConfig": null, "MacAddress": "02:42:ac:11:00:99" });
    assert_eq!(at_once.body["NetworkingConfig"], json!({ "EndpointsConfig": { "a": a, "b": with_address } }));
    assert!(at_once.connect.is_empty() && at_once.leave.is_none());
    assert_eq!(at_once.body.get("MacAddress"), None, "it stands with its network");
}

#[test]
fn who_has_no_network_of_its_own_joins_none() {
    for mode in ["host", "none", "container:0be"] {
        let described = on_networks(mode, &json!({ "host": { "NetworkID": "x" } }), OLD);
        assert_eq!(described.body.get("NetworkingConfig"), None, "{mode}");
        assert!(described.connect.is_empty() && described.leave.is_none(), "{mode}");
    }
    let described = on_networks("default", &json!({ "bridge": {}, "a": {} }), OLD);
    assert_eq!(described.body["NetworkingConfig"], json!({ "EndpointsConfig": { "bridge": {} } }));
    assert_eq!(on_networks("web", &json!({}), OLD).leave.as_deref(), Some("web"), "it was taken off all");
}

fn answer(status: &str, body: &str) -> Answer {
    Answer::raw(&format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()))
}

#[tokio::test]
async fn a_container_that_cannot_join_a_network_is_removed_again() {
    let seen = container(&json!({
        "Config": { "Image": "neo4j:4" }, "HostConfig": { "NetworkMode": "a" },
        "NetworkSettings": { "Networks": { "a": {}, "b": {} } },
    }));
    let image = || Answer::json(r#"{"Id":"sha256:aa"}"#);
    let engine = ScriptedEngine::start(vec![
        Answer::json(&seen.to_string()),
        image(),
        image(),
        image(),
        Answer::json(r#"{"ApiVersion":"1.41"}"#),
        Answer::json("{}"),
        Answer::json("{}"),
        answer("201 Created", r#"{"Id":"new","Warnings":[]}"#),
        answer("500 Internal Server Error", r#"{"message":"no address is free"}"#),
        answer("204 No Content", ""),
    ])
    .await;
    let wanted = Recreation { of: ContainerId("sales".into()), name: "sales-new".into(), differences: vec![] };
    let failed = super::recreate(&engine.client, &wanted).await;
    assert!(matches!(&failed, Err(EngineError::Failed(why)) if why.contains("no address is free")), "{failed:?}");
    let asked = engine.asked().await;
    let joined = ["POST /networks/b/connect", "DELETE /containers/new?v=false&force=false&link=false"];
    assert_eq!(asked[5..7], ["GET /networks/a", "GET /networks/b"]);
    assert!(asked[7].starts_with("POST /containers/create?") && asked[7].contains("name=sales-new"), "{asked:?}");
    assert_eq!(asked[8..], joined);
}
