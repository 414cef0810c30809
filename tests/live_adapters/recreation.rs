//! A container made from another's description, compared with it field by field.

mod compared;
mod compose;
mod everything;
mod made;

use super::{ByHand, IMAGE, engine, image_id};
use compared::{comparable, differences};
use domain::change::{Difference, ImageUse};
use domain::container::{ContainerId, ImageId};
use everything::Everything;
use made::{Named, Network};
use ports::{ContainerEngine, EngineError, Recreation};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use tests::docker::docker;

async fn raw(id: &ContainerId) -> Value {
    engine().inspect_raw(id).await.expect("a description")
}

/// What differs, but for what differs between any two containers.
async fn between(one: &Value, other: &Named) -> Vec<String> {
    differences(&comparable(one), &comparable(&raw(&other.id()).await))
}

/// Where they are mounted, and their names.
fn volumes(of: &Value) -> BTreeMap<String, String> {
    let all = of["Mounts"].as_array().into_iter().flatten().filter(|mount| mount["Type"] == "volume");
    let text = |value: &Value| value.as_str().expect("text").to_string();
    all.map(|mount| (text(&mount["Destination"]), text(&mount["Name"]))).collect()
}

async fn recreate(of: &ContainerId, name: &Named, differences: &[Difference]) -> Result<ContainerId, EngineError> {
    engine().recreate(&Recreation { of: of.clone(), name: name.0.clone(), differences: differences.to_vec() }).await
}

#[tokio::test]
async fn a_container_with_everything_the_engine_takes_differs_in_what_was_asked_for_and_nothing_else() {
    let old = Everything::start().await;
    let (new, back) = (Named::new(), Named::new());
    let before = raw(&old.container.id()).await;
    write_into(&volumes(&before));
    let asked = [
        Difference::Variable { name: "A".into(), before: Some("1".into()), after: Some("ü\n\"2\"".into()) },
        Difference::MemoryLimit { before: Some(256 << 20), after: Some(300 << 20) },
    ];
    let expected = [
        "Config.Env: the 4th: \"A=1\" → \"A=ü\\n\\\"2\\\"\"".to_string(),
        format!("HostConfig.Memory: {} → {}", 256 << 20, 300 << 20),
        format!("HostConfig.MemorySwap: {} → {}", 384 << 20, 428 << 20),
    ];

    recreate(&old.container.id(), &new, &asked).await.expect("while the other runs, with its address");
    let taken = recreate(&old.container.id(), &new, &[]).await;
    assert!(matches!(taken, Err(EngineError::Conflict(_))), "the name is taken: {taken:?}");
    assert_eq!(between(&before, &new).await, expected);
    assert_eq!(between(&before, &old.container).await, [""; 0], "the other is as it was");

    engine().stop(&old.container.id(), Duration::from_secs(20)).await.expect("stopped");
    engine().start(&new.id()).await.expect("started");
    assert_eq!(between(&before, &new).await, expected);
    let files = docker().run(&["exec", &new.0, "cat", "/data/a", "/bare/a", "/nameless/a", "/alone/a"]);
    assert_eq!(files.replace('\r', ""), "kept\n".repeat(4));
    old.is_found_as(&raw(&new.id()).await);

    let reversed: Vec<Difference> = asked.into_iter().map(Difference::reversed).collect();
    recreate(&new.id(), &back, &reversed).await.expect("the way back");
    assert_eq!(between(&before, &back).await, [""; 0], "nothing piles up");
}

/// A file in each that is writable.
fn write_into(volumes: &BTreeMap<String, String>) {
    assert_eq!(volumes.len(), 6, "one named, and nameless ones in four ways: {volumes:?}");
    let mounts: Vec<String> = volumes.iter().map(|(at, name)| format!("--volume={name}:{at}")).collect();
    let mounts: Vec<&str> = mounts.iter().map(String::as_str).collect();
    let write = ["--entrypoint", "bash", IMAGE, "-c", "echo kept | tee /data/a /bare/a /nameless/a /alone/a"];
    docker().run(&[&["run", "--rm"], mounts.as_slice(), &write].concat());
}

async fn is_the_same(old: &ByHand) {
    let (new, before) = (Named::new(), raw(&old.id()).await);
    let (config, host) = (&before["Config"], &before["HostConfig"]);
    recreate(&old.id(), &new, &[]).await.unwrap_or_else(|error| panic!("{error}: {config} {host}"));
    assert_eq!(between(&before, &new).await, [""; 0], "{config} {host}");
}

/// What the engine tells and does not take back, or takes for something else.
#[tokio::test]
async fn what_the_engine_would_refuse_or_change_is_the_same_afterwards() {
    let (network, host) = (Network::create(&[]), ByHand::new(&["run", "-d"], &["--entrypoint", "sleep", IMAGE, "600"]));
    let inside = format!("container:{}", host.0);
    let sleeps = ["--entrypoint", "sleep", IMAGE, "600"];
    let link = format!("{}:db", host.0);
    let running: [&[&str]; 6] = [
        &["--uts", "host"],
        &["--network", &inside],
        &["--network", "host"],
        &["--network", "none"],
        &["--pid", "host", "--ipc", "host", "--security-opt", "no-new-privileges"],
        &["--link", &link],
    ];
    for options in running {
        is_the_same(&ByHand::new(&["run", "-d"], &[options, &sleeps].concat())).await;
    }
    let from = format!("{}:ro", host.0);
    let created: [&[&str]; 3] = [
        &["--privileged", IMAGE],
        &["--entrypoint", "", IMAGE, "sleep", "5"],
        &["--no-healthcheck", "--volumes-from", &from, "--network", &network.0, IMAGE],
    ];
    for options in created {
        is_the_same(&ByHand::new(&["create"], options)).await;
    }
    let old = ByHand::new(&["create", "--network", &network.0], &[IMAGE]);
    docker().run(&["network", "disconnect", &network.0, &old.0]);
    let new = Named::new();
    recreate(&old.id(), &new, &[]).await.expect("made");
    assert_eq!(raw(&new.id()).await["NetworkSettings"]["Networks"], json!({}), "as the other, on none");
}

#[tokio::test]
async fn a_container_that_cannot_be_made_leaves_nothing() {
    let (first, second) = (Network::create(&[]), Network::create(&[]));
    let old = ByHand::new(&["create", "--network", &first.0], &[IMAGE]);
    docker().run(&["network", "connect", &second.0, &old.0]);
    let gone = docker().run(&["network", "inspect", "--format", "{{.Id}}", &second.0]);
    docker().run(&["network", "rm", gone.trim()]);
    let new = Named::new();
    assert!(matches!(recreate(&old.id(), &new, &[]).await, Err(EngineError::NotFound(_))), "a network is gone");
    assert!(!new.exists());
    let nothing = ContainerId("test-never-was".into());
    assert!(matches!(recreate(&nothing, &new, &[]).await, Err(EngineError::NotFound(_))));
    let image =
        |id: &str| ImageUse { reference: "test.local/never:1".into(), id: Some(ImageId(id.into())), digest: None };
    let absent =
        Difference::Image { before: image(image_id().as_str()), after: image(&format!("sha256:{}", "0".repeat(64))) };
    assert!(matches!(recreate(&old.id(), &new, &[absent]).await, Err(EngineError::NotFound(_))), "the image is gone");
    assert!(!new.exists());
}
