use super::world::{Fake, State};
use domain::container::{MountSource, RestartPolicy, RunState};
use ports::{DiskBytes, EngineError, NetworkBytes, Stats};
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, EngineError>;

/// Each call is a hundredth of a second later, and the container uses half a CPU.
pub fn stats(s: &State, fake: &Fake) -> Result<Stats> {
    let container = &fake.container;
    if !matches!(container.run, RunState::Running | RunState::Paused) {
        return Err(EngineError::Conflict(format!("The container {} is not running.", container.name)));
    }
    let (calls, cpus) = (s.calls as u64, 4);
    let memory_limit = container.memory_limit.unwrap_or(16 << 30);
    Ok(Stats {
        cpu_nanoseconds: calls * 5_000_000,
        system_nanoseconds: calls * 10_000_000 * u64::from(cpus),
        cpus,
        memory_used: memory_limit / 2,
        memory_limit,
        network: Some(NetworkBytes { received: calls * 1000, sent: calls * 2000 }),
        disk: DiskBytes { read: calls * 4096, written: calls * 8192 },
        pids: 60,
    })
}

/// In the shape of the engine, with a field that nobody knows.
pub fn raw(fake: &Fake) -> Value {
    let c = &fake.container;
    let env: Vec<String> = c.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mounts: Vec<Value> = c
        .mounts
        .iter()
        .map(|m| {
            let kind = if matches!(m.source, MountSource::Volume(_)) { "volume" } else { "bind" };
            json!({ "Type": kind, "Name": m.source_name(), "Destination": m.at, "RW": m.writable })
        })
        .collect();
    let networks: serde_json::Map<String, Value> = c
        .networks
        .iter()
        .map(|n| (n.name.clone(), json!({ "Aliases": fake.aliases.get(&n.name), "IPAddress": n.ip })))
        .collect();
    json!({
        "Id": c.id, "Name": format!("/{}", c.name), "Image": c.image_id, "RestartCount": c.restarts,
        "Config": {
            "Image": c.image, "Env": env, "Labels": c.labels, "User": c.user, "StopTimeout": c.stop_timeout,
            "OfAFutureEngine": { "kept": true },
        },
        "HostConfig": {
            "Memory": c.memory_limit.unwrap_or(0), "AutoRemove": c.auto_remove, "RestartPolicy": restart(c.restart),
            "Binds": c.mounts.iter().map(|m| format!("{}:{}", m.source_name(), m.at)).collect::<Vec<_>>(),
        },
        "Mounts": mounts,
        "NetworkSettings": { "Networks": networks },
        "State": { "Status": status(&c.run), "Running": matches!(c.run, RunState::Running | RunState::Paused) },
    })
}

fn restart(policy: RestartPolicy) -> Value {
    let (name, tries) = match policy {
        RestartPolicy::No => ("no", 0),
        RestartPolicy::Always => ("always", 0),
        RestartPolicy::UnlessStopped => ("unless-stopped", 0),
        RestartPolicy::OnFailure(tries) => ("on-failure", tries),
    };
    json!({ "Name": name, "MaximumRetryCount": tries })
}

fn status(run: &RunState) -> &'static str {
    match run {
        RunState::Running => "running",
        RunState::Restarting => "restarting",
        RunState::Paused => "paused",
        RunState::Created => "created",
        RunState::Stopped { .. } => "exited",
    }
}
