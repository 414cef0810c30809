//! Helper containers and volumes: made, found again, removed, and nothing of others ever touched.

use super::{ByHand, IMAGE, LABEL, Made, Volume, engine, image_id, labels, pid, shared_neo4j, unique};
use bytes::Bytes;
use domain::container::{ContainerId, ImageId, VolumeName};
use domain::database::DatabaseName;
use domain::helper::{self, HelperCommand};
use domain::storage::RunAs;
use futures::TryStreamExt;
use ports::{ContainerEngine, EngineError, HelperMount, HelperSpec};
use std::time::Duration;
use tests::docker::docker;
use tests::tiny_disk::TinyDisk;

fn spec(name: &str) -> HelperSpec {
    HelperSpec {
        name: name.into(),
        image: image_id(),
        user: RunAs::default(),
        act: HelperCommand::Hold,
        mounts: vec![],
        labels: labels(),
    }
}

#[tokio::test]
async fn a_helper_dumps_the_volume_of_a_stopped_server_and_its_log_and_file_tell() {
    let (neo4j, _turn) = shared_neo4j().await;
    neo4j.fill(1_000).await;
    let engine = engine();
    engine.stop(&ContainerId(neo4j.name.clone()), Duration::from_secs(120)).await.expect("stopped");
    let staging = Volume::ours(&engine).await;
    let dump = HelperCommand::Dump { databases: vec![DatabaseName::default(), DatabaseName::system()] };
    let helper = Made::new(&engine, dump, &[(&neo4j.volume, helper::DATA), (&staging.0, helper::STAGING)]).await;
    engine.make_directory(&helper.id, helper::DUMPS).await.expect("a directory");
    engine.start(&helper.id).await.expect("started");
    let code = engine.wait(&helper.id, Duration::from_secs(120)).await;
    let log = engine.logs(&helper.id, 200).await.expect("a log");
    assert_eq!(code, Ok(0), "{log}");
    assert!(log.contains("all: ") && !log.contains("neo4j: ") && log.contains("Dump completed successfully"), "{log}");

    let (facts, content) = engine.read_file(&helper.id, "/staging/dumps/neo4j.dump").await.expect("the dump");
    let dump = content
        .try_fold(vec![], |all, piece| async move { Ok([all, piece.to_vec()].concat()) })
        .await
        .expect("its bytes");
    assert_eq!(dump.len() as u64, facts.bytes);
    assert!(dump.starts_with(b"DZV1") && dump.len() > 1_000);
    engine.start(&ContainerId(neo4j.name.clone())).await.expect("started");
    neo4j.wait_ready().await;
    assert_eq!(neo4j.count().await, 1_000);
}

#[tokio::test]
async fn the_disk_of_the_data_and_dockers_own_are_measured_apart() {
    let (place, engine) = (tempfile::tempdir().expect("a directory"), engine());
    let disk = TinyDisk::in_memory(place.path(), "8m");
    let helper =
        Made::new(&engine, HelperCommand::Measure, &[(&disk.path().display().to_string(), helper::DATA)]).await;
    engine.start(&helper.id).await.expect("started");
    assert_eq!(engine.wait(&helper.id, Duration::from_secs(180)).await, Ok(0));
    let room = helper::parse_measure(&engine.logs(&helper.id, 5).await.expect("a log")).expect("numbers");
    let root = docker().run(&["info", "-f", "{{.DockerRootDir}}"]);
    let size = std::process::Command::new("df").args(["-B1", "--output=size", root.trim()]).output().expect("df runs");
    let size = String::from_utf8_lossy(&size.stdout).lines().last().and_then(|n| n.trim().parse().ok());
    assert_eq!((room.total, room.docker.map(|disk| disk.total)), (8 << 20, size));
    assert!(!room.shares_its_disk());
}

#[tokio::test]
async fn a_failing_helper_tells_by_its_exit_code_and_log() {
    let engine = engine();
    let (data, staging) = (Volume::ours(&engine).await, Volume::ours(&engine).await);
    let dump = HelperCommand::Dump { databases: vec![DatabaseName::default()] };
    let helper = Made::new(&engine, dump, &[(&data.0, helper::DATA), (&staging.0, helper::STAGING)]).await;
    engine.start(&helper.id).await.expect("started");
    assert_eq!(engine.wait(&helper.id, Duration::from_secs(180)).await, Ok(1));
    let log = engine.logs(&helper.id, 50).await.expect("a log");
    assert!(helper::explain_failure(1, &log).words.len() > 10 && log.contains("neo4j: "), "{log}");
}

#[tokio::test]
async fn a_helper_has_no_network_is_neo4j_keeps_its_log_small_and_leaves_no_anonymous_volume() {
    let engine = engine();
    let data = Volume::ours(&engine).await;
    let helper = Made::new(&engine, HelperCommand::Measure, &[(&data.0, helper::DATA)]).await;
    assert_eq!(
        helper.inspect("{{.State.Status}} {{.Config.User}} {{.HostConfig.NetworkMode}} {{.HostConfig.AutoRemove}}"),
        "created 7474:7474 none false"
    );
    let rights = "{{.HostConfig.CapDrop}} {{.HostConfig.CapAdd}} {{.HostConfig.SecurityOpt}} {{.HostConfig.PidsLimit}}";
    assert_eq!(helper.inspect(rights), "[ALL] [] [no-new-privileges] 2048");
    let server = Made::new(
        &engine,
        HelperCommand::Serve { default: DatabaseName::default(), env: vec![] },
        &[(&data.0, helper::DATA)],
    )
    .await;
    assert_eq!(server.inspect(rights), "[ALL] [CHOWN DAC_OVERRIDE FOWNER KILL SETGID SETUID] [no-new-privileges] 2048");
    assert_eq!(helper.inspect("{{index .Config.Labels \"neo4j-console.helper\"}}"), "measure");
    assert_eq!(helper.inspect("{{index .HostConfig.LogConfig.Config \"max-size\"}}"), "10m");
    engine.make_directory(&helper.id, helper::ASIDE).await.expect("made");
    let much = Bytes::from(vec![1; 3_000_000]);
    engine
        .write_file(
            &helper.id,
            &format!("{}/old", helper::ASIDE),
            3_000_000,
            Box::pin(futures::stream::iter([Ok(much)])),
        )
        .await
        .expect("written");
    engine.start(&helper.id).await.expect("started");
    assert_eq!(engine.wait(&helper.id, Duration::from_secs(120)).await, Ok(0));
    let room = helper::parse_measure(&engine.logs(&helper.id, 5).await.expect("a log")).expect("three numbers");
    assert!(room.free > 0 && room.total >= room.free);
    assert!(room.used < 3_000_000, "what is set aside does not count: {room:?}");
    let volumes = helper.inspect("{{range .Mounts}}{{if eq .Type \"volume\"}}{{.Name}} {{end}}{{end}}");
    assert_eq!(volumes, data.0, "the image's other VOLUMEs are scratch memory");

    let server = Made::new(
        &engine,
        HelperCommand::Serve { default: DatabaseName::default(), env: vec![] },
        &[(&data.0, helper::DATA)],
    )
    .await;
    assert_eq!(
        server.inspect("{{.Config.User}}"),
        docker().run(&["image", "inspect", "--format", "{{.Config.User}}", IMAGE]).trim()
    );
    assert_eq!(
        server.inspect("{{.Config.Entrypoint}}"),
        docker().run(&["image", "inspect", "--format", "{{.Config.Entrypoint}}", IMAGE]).trim()
    );
    assert!(server.inspect("{{.Config.Env}}").contains("NEO4J_AUTH=none"));
}

#[tokio::test]
async fn a_mount_that_is_not_writable_is_not() {
    let engine = engine();
    let data = Volume::ours(&engine).await;
    let mounts = vec![HelperMount { source: data.0.clone(), at: helper::DATA.into(), writable: false }];
    let id = engine.create_helper(&HelperSpec { mounts, ..spec(&unique("helper")) }).await.expect("a helper");
    let written = engine.write_file(&id, "/data/x/y", 0, Box::pin(futures::stream::empty())).await;
    engine.remove_helper(id.as_str()).await.expect("removed");
    assert!(matches!(written, Err(EngineError::Denied(_) | EngineError::Failed(_))), "{written:?}");
}

#[tokio::test]
async fn a_helper_of_the_same_name_is_replaced_found_by_label_and_removed_even_while_it_runs() {
    let engine = engine();
    let name = unique("helper");
    let first = engine.create_helper(&spec(&name)).await.expect("a helper");
    let second = engine.create_helper(&spec(&name)).await.expect("the same again");
    assert_ne!(first, second);
    let found = engine.helpers(LABEL, &pid()).await.expect("a list");
    let mine = found.iter().find(|left| left.name == name).expect("found by label");
    assert_eq!(mine.labels.get("neo4j-console.helper").map(String::as_str), Some("hold"));
    assert!(engine.helpers(LABEL, "another").await.expect("a list").is_empty());

    let running =
        HelperSpec { act: HelperCommand::Serve { default: DatabaseName::default(), env: vec![] }, ..spec(&name) };
    let third = engine.create_helper(&running).await.expect("a helper");
    engine.start(&third).await.expect("started");
    for _ in 0..2 {
        engine.remove_helper(&name).await.expect("removed, and then gone");
    }
    assert!(matches!(engine.inspect(&third).await, Err(EngineError::NotFound(_))));
}

#[tokio::test]
async fn a_container_of_somebody_else_is_never_removed() {
    let engine = engine();
    let foreign = ByHand::new(&["create"], &[IMAGE]);
    assert!(
        matches!(engine.remove_helper(&foreign.0).await, Err(EngineError::Conflict(why)) if why.contains("not a helper of this console"))
    );
    assert!(matches!(engine.create_helper(&spec(&foreign.0)).await, Err(EngineError::Conflict(_))));
    assert!(foreign.exists());
}

#[tokio::test]
async fn a_helper_of_an_image_that_is_gone_is_not_found() {
    let gone = HelperSpec { image: ImageId(format!("sha256:{}", "0".repeat(64))), ..spec(&unique("helper")) };
    assert!(
        matches!(engine().create_helper(&gone).await, Err(EngineError::NotFound(why)) if why.contains("No such image"))
    );
}

#[tokio::test]
async fn volumes_of_ours_come_and_go_and_those_of_others_stay() {
    let engine = engine();
    let ours = Volume::ours(&engine).await;
    engine.create_volume(&ours.name(), &labels()).await.expect("one that exists is fine");
    let found = engine.volumes(LABEL, &pid()).await.expect("a list");
    assert!(found.iter().any(|left| left.name == ours.0 && left.labels == labels()));

    let user = Made::new(&engine, HelperCommand::Hold, &[(&ours.0, "/staging")]).await;
    assert!(
        matches!(engine.remove_volume(&ours.name()).await, Err(EngineError::Conflict(why)) if why.contains("in use"))
    );
    engine.remove_helper(&user.name).await.expect("removed");
    assert!(ours.exists(), "a helper never takes its volumes along");
    for _ in 0..2 {
        engine.remove_volume(&ours.name()).await.expect("removed, and then gone");
    }

    let foreign = Volume::by_hand(&[]);
    assert!(matches!(engine.remove_volume(&foreign.name()).await, Err(EngineError::Conflict(_))));
    assert!(matches!(engine.create_volume(&foreign.name(), &labels()).await, Err(EngineError::Conflict(_))));
    assert!(foreign.exists());
    assert_eq!(engine.remove_volume(&VolumeName("test-never-was".into())).await, Ok(()));
}
