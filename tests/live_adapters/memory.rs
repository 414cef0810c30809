//! Limits of memory, and what goes with them.

use super::{ByHand, IMAGE, engine};
use ports::{ContainerEngine, EngineError};
use std::time::{Duration, Instant};
use tests::docker::docker;

const MIB: i64 = 1 << 20;

fn limits(container: &ByHand) -> (i64, i64) {
    let told =
        docker().run(&["inspect", "--format", "{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}}", &container.0]);
    let (memory, with_swap) = told.trim().split_once(' ').expect("two numbers");
    (memory.parse().expect("a number"), with_swap.parse().expect("a number"))
}

#[tokio::test]
async fn swap_keeps_its_relation_to_memory() {
    let cases: [(&[&str], i64); 5] = [
        (&["--memory", "64m"], 256 * MIB),
        (&["--memory", "64m", "--memory-swap", "64m"], 128 * MIB),
        (&["--memory", "64m", "--memory-swap", "96m"], 160 * MIB),
        (&["--memory", "64m", "--memory-swap", "-1"], -1),
        (&[], 256 * MIB),
    ];
    for (options, with_swap) in cases {
        let container = ByHand::new(&["run", "-d"], &[options, &["--entrypoint", "sleep", IMAGE, "600"]].concat());
        engine().set_memory_limit(&container.id(), Some(128 << 20)).await.expect("changed");
        assert_eq!(limits(&container), (128 * MIB, with_swap), "{options:?}");
    }
}

#[tokio::test]
async fn a_limit_below_what_is_reserved_is_a_conflict_and_changes_nothing() {
    let options = ["--memory", "128m", "--memory-reservation", "64m", "--entrypoint", "sleep", IMAGE, "600"];
    let container = ByHand::new(&["create"], &options);
    let little = engine().set_memory_limit(&container.id(), Some(32 << 20)).await;
    assert!(matches!(&little, Err(EngineError::Conflict(why)) if why.contains("reservation")), "{little:?}");
    assert_eq!(limits(&container), (128 * MIB, 256 * MIB));
}

/// The older kind of control groups refuses; the newer one takes it and ends the process.
#[tokio::test]
async fn a_limit_below_what_is_in_use_is_a_conflict_where_the_kernel_refuses_it() {
    if docker().run(&["info", "--format", "{{.CgroupVersion}}"]).trim() != "1" {
        return;
    }
    let fill = "head -c 50000000 /dev/zero > /in-memory/a; echo full; sleep 600";
    let options = ["--memory", "200m", "--tmpfs", "/in-memory", "--entrypoint", "bash", IMAGE, "-c", fill];
    let container = ByHand::new(&["run", "-d"], &options);
    let started = Instant::now();
    while !docker().run(&["logs", &container.0]).contains("full") {
        assert!(started.elapsed() < Duration::from_secs(120), "it never filled its memory");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let little = engine().set_memory_limit(&container.id(), Some(20 << 20)).await;
    assert!(matches!(&little, Err(EngineError::Conflict(why)) if why.contains("current usage")), "{little:?}");
    assert_eq!(limits(&container), (200 * MIB, 400 * MIB));
}
