//! Looking at containers and moving them.

use super::{ByHand, IMAGE, LABEL, engine, image_id, names, pid, shared_neo4j, unique};
use domain::container::{ContainerId, HostPort, ImageId, MountSource, Owner, RunState};
use ports::{ContainerEngine, EngineError, OWNER_LABEL, ServerSpec};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tests::docker::docker;

#[tokio::test]
async fn the_engine_tells_its_version() {
    let version = engine().ping().await.expect("an answer");
    assert!(version.contains("(API 1."), "{version}");
}

#[tokio::test]
async fn inspect_tells_of_a_running_server_what_docker_tells() {
    let (neo4j, _turn) = shared_neo4j().await;
    let seen = engine().inspect(&ContainerId(neo4j.name.clone())).await.expect("the container");

    assert_eq!((seen.name.as_str(), seen.image.as_str(), &seen.run), (neo4j.name.as_str(), IMAGE, &RunState::Running));
    assert_eq!(seen.image_id.as_str(), docker().run(&["inspect", "--format", "{{.Image}}", &neo4j.name]).trim());
    assert_eq!(seen.id.as_str(), docker().run(&["inspect", "--format", "{{.Id}}", &neo4j.name]).trim());
    assert_eq!(seen.image_digest, None, "it came from no registry");
    assert!(seen.image_env.contains(&("NEO4J_EDITION".into(), "community".into())), "{:?}", seen.image_env);
    let mut own: Vec<&str> = seen.own_env().map(|(name, _)| name.as_str()).collect();
    own.sort_unstable();
    assert_eq!(own, ["NEO4J_AUTH", "NEO4J_server_memory_heap_max__size", "NEO4J_server_memory_pagecache_size"]);

    let host = |container: u16| seen.ports.iter().find(|p| p.container == container).expect("a port").host.clone();
    assert_eq!(host(7687), Some(HostPort { address: "127.0.0.1".into(), port: neo4j.bolt_port }));
    assert_eq!(host(7473), None, "exposed, not published");
    assert_eq!(seen.ports.len(), 3);

    assert_eq!(seen.mount_at("/data").expect("data").source_name(), neo4j.volume);
    assert!(seen.mount_at("/logs").expect("logs").is_anonymous());
    assert!(seen.networks.len() == 1 && seen.networks[0].name == "bridge" && seen.networks[0].ip.contains('.'));
    assert_eq!((seen.stop_timeout, seen.memory_limit, seen.auto_remove), (Some(120), None, false));
    assert_eq!(seen.labels.get(LABEL), Some(&pid()));
    assert_eq!(seen.owner(), Owner::Docker);
    assert!(seen.started_at.is_some());
}

#[tokio::test]
async fn inspect_tells_of_a_container_that_never_ran_what_it_will_be() {
    let bind = format!("{}:/import:ro", std::env::temp_dir().display());
    let options = ["--rm", "--memory", "300m", "-p", "127.0.0.1:17999:7687", "-v", &bind, "--tmpfs", "/logs", IMAGE];
    let made = ByHand::new(&["create"], &options);
    let seen = engine().inspect(&made.id()).await.expect("the container");
    assert_eq!((seen.run, seen.started_at, seen.auto_remove, seen.stop_timeout), (RunState::Created, None, true, None));
    assert_eq!(seen.memory_limit, Some(300 * 1024 * 1024));
    let bolt = seen.ports.iter().find(|p| p.container == 7687).and_then(|p| p.host.clone());
    assert_eq!(bolt, Some(HostPort { address: "127.0.0.1".into(), port: 17999 }));
    let import = seen.mounts.iter().find(|m| m.at == "/import").expect("a bind");
    assert_eq!(
        (&import.source, import.writable),
        (&MountSource::Bind(std::env::temp_dir().display().to_string()), false)
    );
    let ip = seen.networks.first().map(|n| n.ip.clone());
    assert!(ip.is_none_or(|ip| ip.is_empty()), "no address before the start");
}

#[tokio::test]
async fn a_container_that_is_not_there_is_not_found() {
    let gone = ContainerId("test-never-was".into());
    assert!(matches!(engine().inspect(&gone).await, Err(EngineError::NotFound(why)) if why.contains("test-never-was")));
    assert!(matches!(engine().start(&gone).await, Err(EngineError::NotFound(_))));
    assert!(matches!(engine().stop(&gone, Duration::from_secs(1)).await, Err(EngineError::NotFound(_))));
    assert!(matches!(engine().inspect(&ContainerId("../images/json?x=".into())).await, Err(EngineError::NotFound(_))));
}

#[tokio::test]
async fn servers_are_found_by_image_or_label_running_or_not_and_nothing_else_is() {
    let (neo4j, _turn) = shared_neo4j().await;
    docker().run(&["tag", IMAGE, "test.local/graph:1"]);
    let stopped = ByHand::new(&["create"], &[IMAGE]);
    let other = ByHand::new(&["create"], &["test.local/graph:1"]);
    let labelled = ByHand::new(&["create", "--label", "neo4j-console.neo4j=true"], &["test.local/graph:1"]);
    let helper = ByHand::new(&["create", "--label", "neo4j-console.helper=hold"], &[IMAGE]);
    let found = engine().neo4j_containers().await.expect("a list");
    let found = names(&found);
    for yes in [&neo4j.name, &stopped.0, &labelled.0] {
        assert!(found.contains(&yes.as_str()), "{yes} is missing in {found:?}");
    }
    for no in [&other.0, &helper.0] {
        assert!(!found.contains(&no.as_str()), "{no} is in {found:?}");
    }
}

/// A pull moved the tag, or somebody removed the image by force: the list then names it by its id only.
#[tokio::test]
async fn a_server_whose_image_is_gone_is_found_and_inspected_all_the_same() {
    let tag = format!("neo4j:tiny-{}", pid());
    let mut tar =
        Command::new("tar").args(["-c", "--files-from", "/dev/null"]).stdout(Stdio::piped()).spawn().expect("tar");
    let import = docker()
        .command()
        .args(["import", "--change", "ENV A=b", "-", &tag])
        .stdin(tar.stdout.take().expect("a pipe"))
        .output();
    assert!(import.expect("docker runs").status.success() && tar.wait().is_ok_and(|ended| ended.success()));
    let made = ByHand::new(&["create"], &[&tag, "/nothing"]);
    assert_eq!(
        engine().inspect(&made.id()).await.expect("the container").image_env,
        [("A".to_string(), "b".to_string())]
    );
    docker().run(&["rmi", "-f", &tag]);
    let seen = engine().inspect(&made.id()).await.expect("still a container");
    assert_eq!((seen.image.as_str(), seen.image_env.len()), (tag.as_str(), 0));
    assert!(names(&engine().neo4j_containers().await.expect("a list")).contains(&made.0.as_str()));
    assert_eq!(engine().find_image(seen.image_id.as_str()).await, Ok(None));
    let there = ImageId(docker().run(&["image", "inspect", "--format", "{{.Id}}", IMAGE]).trim().into());
    let found = engine().find_image(there.as_str()).await.expect("an answer").expect("the image");
    assert_eq!((&found.id, found.release().map(|release| release.to_string())), (&there, Some("Neo4j 5.26.5".into())));
}

#[tokio::test(flavor = "multi_thread")]
async fn containers_that_vanish_while_they_are_listed_do_no_harm() {
    let churn = tokio::task::spawn_blocking(|| {
        for _ in 0..6 {
            drop([ByHand::new(&["create"], &[IMAGE]), ByHand::new(&["create"], &[IMAGE])]);
        }
    });
    let mut lists = 0;
    while !churn.is_finished() {
        engine().neo4j_containers().await.expect("a list");
        lists += 1;
    }
    churn.await.expect("containers came and went");
    assert!(lists > 3, "only {lists}");
}

#[tokio::test]
async fn starting_and_stopping_may_be_repeated_and_waiting_tells_the_exit_code() {
    let engine = engine();
    let sleeper = ByHand::new(&["create", "--stop-signal", "SIGKILL"], &["--entrypoint", "sleep", IMAGE, "600"]);
    for _ in 0..2 {
        engine.start(&sleeper.id()).await.expect("started");
    }
    let started = Instant::now();
    let limit = engine.wait(&sleeper.id(), Duration::from_secs(1)).await;
    assert!(matches!(limit, Err(EngineError::Failed(why)) if why.contains("did not end within 1 s")));
    // Not 30; how much more than 1 is the machine's load.
    assert!(started.elapsed() < Duration::from_secs(15));
    for _ in 0..2 {
        engine.stop(&sleeper.id(), Duration::from_secs(1)).await.expect("stopped");
    }
    assert_eq!(engine.wait(&sleeper.id(), Duration::from_secs(5)).await, Ok(137));
    assert!(engine.inspect(&sleeper.id()).await.expect("the container").run.stopped_uncleanly());
    let failing = ByHand::new(&["run", "-d"], &["--entrypoint", "bash", IMAGE, "-c", "echo out; echo err >&2; exit 7"]);
    assert_eq!(engine.wait(&failing.id(), Duration::from_secs(10)).await, Ok(7));
    let log = engine.logs(&failing.id(), 10).await.expect("a log");
    assert!(log.contains("out\n") && log.contains("err\n"), "{log:?}");
    assert_eq!(engine.logs(&failing.id(), 1).await.expect("a log").lines().count(), 1);
}

#[tokio::test]
async fn commands_run_as_neo4j_and_are_bounded_in_time_and_size() {
    let engine = engine();
    let box_ = ByHand::new(&["run", "-d"], &["--entrypoint", "sleep", IMAGE, "600"]);
    let run = async |script: &str, seconds: u64| {
        engine.exec(&box_.id(), &["bash", "-c", script], Duration::from_secs(seconds)).await
    };

    let who = run("id -u; id -g; echo problem >&2; exit 3", 10).await.expect("a result");
    assert_eq!(who.exit_code, 3);
    // Two pipes: which of them the engine empties first is not said.
    let (problem, ids): (Vec<&str>, Vec<&str>) = who.output.lines().partition(|line| *line == "problem");
    assert_eq!((problem, ids), (vec!["problem"], vec!["7474", "7474"]));

    let much = run("head -c 3000000 /dev/zero | tr '\\0' x", 20).await.expect("a result");
    assert_eq!((much.exit_code, much.output.len()), (0, 1024 * 1024));

    let started = Instant::now();
    assert!(
        matches!(run("sleep 30", 1).await, Err(EngineError::Failed(why)) if why.contains("did not end within 1 s"))
    );
    // Not 30; how much more than 1 is the machine's load.
    assert!(started.elapsed() < Duration::from_secs(15));

    engine.stop(&box_.id(), Duration::from_secs(0)).await.expect("stopped");
    assert!(matches!(run("true", 5).await, Err(EngineError::Conflict(why)) if why.contains("is not running")));
}

#[tokio::test]
async fn a_server_of_its_own_joins_every_network_of_the_other_and_an_image_whose_tag_moved_on_is_kept() {
    let networks = [unique("network"), unique("network")];
    for name in &networks {
        docker().run(&["network", "create", name]);
    }
    let name = unique("server");
    let spec = ServerSpec {
        name: name.clone(),
        image: "neo4j:moved-on".into(),
        image_id: image_id(),
        env: vec![],
        mounts: vec![],
        networks: networks.to_vec(),
        published: vec![(7687, HostPort { address: "127.0.0.1".into(), port: 0 })],
        memory_limit: None,
        stop_timeout: 120,
        labels: [(OWNER_LABEL.to_string(), pid())].into(),
    };
    let made = engine().create_server(&spec).await;
    let seen = engine().inspect(&ContainerId(name.clone())).await;
    let removed = engine().remove_server(&name).await;
    for network in &networks {
        docker().run(&["network", "rm", network]);
    }
    made.expect("a server");
    removed.expect("removed");
    let seen = seen.expect("it is there");
    let joined: Vec<&str> = seen.networks.iter().map(|n| n.name.as_str()).collect();
    assert_eq!(
        (joined, seen.image, seen.image_id),
        (networks.iter().map(String::as_str).collect(), image_id().to_string(), image_id())
    );
}
