//! What a running container uses, from the engine's one-shot reading.

use super::errors::{READ, bounded, in_path};
use bollard::Docker;
use bollard::models::{ContainerBlkioStatEntry, ContainerMemoryStats, ContainerStatsResponse};
use bollard::query_parameters::StatsOptionsBuilder;
use futures::StreamExt;
use ports::{DiskBytes, EngineError, NetworkBytes, Stats};

pub async fn read(client: &Docker, id: &str) -> Result<Stats, EngineError> {
    let asked = format!("read what a container uses (GET /containers/{id}/stats)");
    // Without `one-shot` the engine reads twice, a second apart.
    let options = StatsOptionsBuilder::new().stream(false).one_shot(true).build();
    let mut answers = client.stats(in_path(id)?, Some(options));
    let seen = bounded(&asked, READ, async { answers.next().await.transpose() }).await?;
    let seen = seen.ok_or_else(|| EngineError::Unreachable(format!("the connection ended ({asked})")))?;
    stats(seen).ok_or_else(|| EngineError::Conflict(format!("The container {id} is not running.")))
}

/// `None` when the container does not run: the engine then answers with a reading that has nothing in it.
fn stats(seen: ContainerStatsResponse) -> Option<Stats> {
    let cpu = seen.cpu_stats.unwrap_or_default();
    let usage = cpu.cpu_usage.unwrap_or_default();
    let memory = seen.memory_stats.unwrap_or_default();
    let disk = seen.blkio_stats.and_then(|disk| disk.io_service_bytes_recursive).unwrap_or_default();
    Some(Stats {
        cpu_nanoseconds: usage.total_usage.unwrap_or_default(),
        system_nanoseconds: cpu.system_cpu_usage.filter(|time| *time > 0)?,
        cpus: cpu
            .online_cpus
            .filter(|cpus| *cpus > 0)
            .or_else(|| u32::try_from(usage.percpu_usage?.len()).ok())
            .unwrap_or(1)
            .max(1),
        memory_used: used(&memory),
        memory_limit: memory.limit.unwrap_or_default(),
        network: seen.networks.filter(|networks| !networks.is_empty()).map(|networks| NetworkBytes {
            received: networks.values().filter_map(|one| one.rx_bytes).sum(),
            sent: networks.values().filter_map(|one| one.tx_bytes).sum(),
        }),
        disk: DiskBytes { read: moved(&disk, "read"), written: moved(&disk, "write") },
        pids: seen.pids_stats.and_then(|pids| pids.current).unwrap_or_default(),
    })
}

/// As `docker stats` does it: `total_inactive_file` is of control groups 1, `inactive_file` of 2.
fn used(memory: &ContainerMemoryStats) -> u64 {
    let usage = memory.usage.unwrap_or_default();
    let of = |name: &str| memory.stats.as_ref().and_then(|all| all.get(name).copied());
    usage.saturating_sub(of("total_inactive_file").or_else(|| of("inactive_file")).unwrap_or_default())
}

/// `Read` of control groups 1 is `read` of 2.
fn moved(disk: &[ContainerBlkioStatEntry], op: &str) -> u64 {
    disk.iter()
        .filter(|entry| entry.op.as_deref().is_some_and(|one| one.eq_ignore_ascii_case(op)))
        .filter_map(|entry| entry.value)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: serde_json::Value) -> Option<Stats> {
        stats(serde_json::from_value(json).expect("a reading"))
    }

    #[test]
    fn both_kinds_of_control_groups_are_read() {
        let of = |file: &str, op: [&str; 2]| {
            read(serde_json::json!({
                "read": "2026-01-01T00:00:00Z",
                "cpu_stats": {"cpu_usage": {"total_usage": 7, "percpu_usage": [1, 2, 4]}, "system_cpu_usage": 90},
                "memory_stats": {"usage": 1000, "limit": 4000, "stats": {file: 300, "active_file": 5}},
                "blkio_stats": {"io_service_bytes_recursive": [
                    {"major": 8, "minor": 0, "op": op[0], "value": 10}, {"major": 8, "minor": 0, "op": op[1], "value": 20},
                    {"major": 8, "minor": 16, "op": op[0], "value": 1}, {"major": 8, "minor": 0, "op": "Total", "value": 30}]},
                "networks": {"eth0": {"rx_bytes": 5, "tx_bytes": 6}, "eth1": {"rx_bytes": 50, "tx_bytes": 60}},
                "pids_stats": {"current": 33}
            }))
        };
        let expected = Stats {
            cpu_nanoseconds: 7,
            system_nanoseconds: 90,
            cpus: 3,
            memory_used: 700,
            memory_limit: 4000,
            network: Some(NetworkBytes { received: 55, sent: 66 }),
            disk: DiskBytes { read: 11, written: 20 },
            pids: 33,
        };
        assert_eq!(of("total_inactive_file", ["Read", "Write"]), Some(expected.clone()));
        assert_eq!(of("inactive_file", ["read", "write"]), Some(expected));
    }

    #[test]
    fn a_reading_with_nothing_in_it_is_of_a_container_that_does_not_run() {
        let nothing = serde_json::json!({"read": "0001-01-01T00:00:00Z", "cpu_stats": {"cpu_usage": {"total_usage": 0}},
            "memory_stats": {}, "blkio_stats": {"io_service_bytes_recursive": null}});
        assert_eq!(read(nothing), None);
    }

    #[test]
    fn a_container_without_a_network_of_its_own_has_no_count() {
        let alone =
            serde_json::json!({"cpu_stats": {"system_cpu_usage": 1, "online_cpus": 2}, "memory_stats": {"usage": 1}});
        let seen = read(alone).expect("it runs");
        assert_eq!((seen.network, seen.cpus, seen.memory_used, seen.disk), (None, 2, 1, DiskBytes::default()));
    }
}
