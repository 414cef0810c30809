//! What the engine tells of one container besides [`domain::container::Container`]: what it uses now.

/// One reading of what a running container uses. CPU time only grows; two readings make a percentage. Source: Docker
/// Engine API, container stats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stats {
    /// CPU time the container has used since it started, on all CPUs together. Nanoseconds.
    pub cpu_nanoseconds: u64,
    /// CPU time of the whole host, busy or idle, on all CPUs together. Nanoseconds since some moment.
    pub system_nanoseconds: u64,
    /// CPUs of the host that are switched on.
    pub cpus: u32,
    /// Bytes in use. Without the cache of files the kernel may drop at any time, as `docker stats` shows it.
    pub memory_used: u64,
    /// Bytes. Of a container without a limit: the host's memory.
    pub memory_limit: u64,
    /// `None` when the container has no network of its own (none, or the host's): then nobody counts.
    pub network: Option<NetworkBytes>,
    /// Zero also where the kernel does not count it.
    pub disk: DiskBytes,
    /// Processes and threads.
    pub pids: u64,
}

/// Bytes since the container started, on all its networks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NetworkBytes {
    pub received: u64,
    pub sent: u64,
}

/// Bytes since the container started, on all disks. What the file cache answers is not in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DiskBytes {
    pub read: u64,
    pub written: u64,
}

impl Stats {
    /// CPU used since an earlier reading, in percent of one CPU: 200 is two CPUs, wholly. `None` when no time has
    /// passed, or the container was started anew in between.
    pub fn cpu_percent_since(&self, earlier: &Self) -> Option<f64> {
        let used = self.cpu_nanoseconds.checked_sub(earlier.cpu_nanoseconds)?;
        let passed = self.system_nanoseconds.checked_sub(earlier.system_nanoseconds).filter(|passed| *passed > 0)?;
        Some(used as f64 / passed as f64 * f64::from(self.cpus) * 100.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(cpu_nanoseconds: u64, system_nanoseconds: u64) -> Stats {
        Stats {
            cpu_nanoseconds,
            system_nanoseconds,
            cpus: 4,
            memory_used: 0,
            memory_limit: 0,
            network: None,
            disk: DiskBytes::default(),
            pids: 1,
        }
    }

    #[test]
    fn two_readings_tell_the_percentage_of_one_cpu() {
        let first = reading(1_000, 40_000);
        // One second on a host of four CPUs is four seconds of the system.
        assert_eq!(reading(2_000, 44_000).cpu_percent_since(&first), Some(100.0));
        assert_eq!(reading(5_000, 44_000).cpu_percent_since(&first), Some(400.0));
        assert_eq!(reading(1_000, 44_000).cpu_percent_since(&first), Some(0.0));
        assert_eq!(first.cpu_percent_since(&first), None, "no time has passed");
        assert_eq!(reading(10, 44_000).cpu_percent_since(&first), None, "started anew");
    }
}
