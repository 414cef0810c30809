//! The limit of a container's memory, and the one of memory and swap together that goes with it.

use super::errors::{READ, WRITE, bounded, in_path};
use super::raw;
use bollard::Docker;
use bollard::errors::Error;
use bollard::models::ContainerUpdateBody;
use ports::EngineError;
use serde_json::{Map, Value};

/// No limit, of both together.
const UNLIMITED: i64 = -1;

/// Bytes, as the engine writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// 0: none.
    pub memory: i64,
    /// With swap; [`UNLIMITED`], and 0: what the engine chooses, twice the memory.
    pub with_swap: i64,
}

impl Limits {
    /// From a container's `HostConfig`.
    pub fn of(host_config: &Value) -> Self {
        let number = |name: &str| host_config[name].as_i64().unwrap_or_default();
        Self { memory: number("Memory"), with_swap: number("MemorySwap") }
    }

    /// With another limit of memory. The swap stays in the relation that somebody asked for.
    pub fn with(self, bytes: Option<u64>) -> Self {
        let memory = bytes.map_or(0, |bytes| i64::try_from(bytes).unwrap_or(i64::MAX));
        let with_swap = match self.with_swap {
            UNLIMITED => UNLIMITED,
            _ if memory == 0 || self.memory == 0 || self.with_swap == 0 => 0,
            old if old == self.memory.saturating_mul(2) => memory.saturating_mul(2),
            old => memory.saturating_add(old.saturating_sub(self.memory)),
        };
        Self { memory, with_swap }
    }

    /// Into a `HostConfig`.
    pub fn write(self, host_config: &mut Map<String, Value>) {
        host_config.insert("Memory".into(), self.memory.into());
        host_config.insert("MemorySwap".into(), self.with_swap.into());
    }

    /// As a change of a container that is there. The engine takes 0 for "as it is", and does not choose then. What is
    /// reserved is said again, because it only compares what it is told: it would take a limit below it, and refuse to
    /// make such a container anew.
    fn update(self, reserved: i64) -> ContainerUpdateBody {
        let with_swap = if self.with_swap == 0 { self.memory.saturating_mul(2) } else { self.with_swap };
        ContainerUpdateBody {
            memory: Some(self.memory),
            memory_swap: Some(with_swap),
            memory_reservation: Some(reserved),
            ..Default::default()
        }
    }
}

/// Running or not. One that has this limit already is fine.
pub async fn set_limit(client: &Docker, id: &str, bytes: Option<u64>) -> Result<(), EngineError> {
    let host_config = raw::inspect(client, id).await?["HostConfig"].take();
    let now = Limits::of(&host_config);
    let wanted = now.with(bytes);
    if wanted.memory == now.memory {
        return Ok(());
    }
    if wanted.memory == 0 {
        // Asked for 0, the engine says that it is done and changes nothing.
        return Err(EngineError::Conflict(
            "Docker cannot take the memory limit away from a container that has one; that needs a new container."
                .into(),
        ));
    }
    let asked = format!("change the memory limit (POST /containers/{id}/update)");
    let reserved = host_config["MemoryReservation"].as_i64().unwrap_or_default();
    let answer = client.update_container(in_path(id)?, wanted.update(reserved));
    bounded(&asked, WRITE, async { settled(answer.await) }).await
}

/// The engine answers 400 to what it never takes, below 6 MiB or below what is reserved, and 500 where less is free.
fn settled(answer: Result<(), Error>) -> Result<(), Error> {
    let cannot = |status: u16, message: &str| {
        status == 400
            || ["unable to set memory limit", "device or resource busy"].iter().any(|words| message.contains(words))
    };
    match answer {
        Err(Error::DockerResponseServerError { status_code, message }) if cannot(status_code, &message) => {
            Err(Error::DockerResponseServerError { status_code: 409, message })
        }
        other => other,
    }
}

/// Bytes.
pub async fn of_host(client: &Docker) -> Result<u64, EngineError> {
    let asked = "ask for the host's memory (GET /info)";
    let info = bounded(asked, READ, client.info()).await?;
    let bytes = info.mem_total.and_then(|bytes| u64::try_from(bytes).ok()).filter(|bytes| *bytes > 0);
    bytes.ok_or_else(|| EngineError::Failed(format!("{asked}: the engine does not tell")))
}

#[cfg(test)]
mod tests {
    use super::super::errors::translate;
    use super::super::scripted_engine::{Answer, ScriptedEngine};
    use super::*;

    #[test]
    fn swap_keeps_its_relation_to_memory() {
        let after = |memory: i64, with_swap: i64, new: Option<u64>| {
            let limits = Limits { memory, with_swap }.with(new);
            (limits.memory, limits.with_swap)
        };
        assert_eq!(after(100, 200, Some(150)), (150, 300), "the engine's own choice");
        assert_eq!(after(100, 100, Some(150)), (150, 150), "none");
        assert_eq!(after(100, 130, Some(150)), (150, 180), "as much as before");
        assert_eq!(after(100, 130, Some(50)), (50, 80));
        assert_eq!(after(100, -1, Some(150)), (150, -1));
        assert_eq!(after(100, 0, Some(150)), (150, 0), "an engine that limits no swap");
        assert_eq!(after(0, 0, Some(150)), (150, 0));
        assert_eq!(after(0, -1, Some(150)), (150, -1));
        assert_eq!(after(100, 200, None), (0, 0));
        assert_eq!(after(100, -1, None), (0, -1));
        assert_eq!(after(i64::MAX - 1, i64::MAX, Some(u64::MAX)), (i64::MAX, i64::MAX));
    }

    #[test]
    fn a_change_says_everything_because_the_engine_neither_chooses_nor_compares_then() {
        let update = |memory, with_swap| Limits { memory, with_swap }.update(7);
        assert_eq!((update(150, 0).memory, update(150, 0).memory_swap), (Some(150), Some(300)));
        assert_eq!(update(150, -1).memory_swap, Some(-1));
        assert_eq!((update(150, 150).memory_swap, update(150, 150).memory_reservation), (Some(150), Some(7)));
    }

    #[test]
    fn what_the_engine_cannot_limit_is_a_conflict() {
        let after = |status_code: u16, message: &str| {
            settled(Err(Error::DockerResponseServerError { status_code, message: message.into() }))
                .map_err(|error| translate("change", &error))
        };
        for (status, why) in [
            (400, "Minimum memory limit allowed is 6MB"),
            (
                500,
                "runc did not terminate successfully: unable to set memory limit to 20971520 (current usage: 60604416)",
            ),
            (500, "write memory.max: device or resource busy"),
        ] {
            assert_eq!(after(status, why), Err(EngineError::Conflict(why.into())));
        }
        assert!(matches!(after(500, "boom"), Err(EngineError::Failed(_))));
        assert_eq!(after(403, "<html>"), Err(EngineError::Denied("change".into())));
    }

    #[tokio::test]
    async fn a_limit_is_never_said_to_be_gone_when_it_is_not() {
        let limited = || Answer::json(r#"{"HostConfig":{"Memory":100,"MemorySwap":200}}"#);
        let engine = ScriptedEngine::start(vec![limited(), limited(), Answer::json(r#"{"HostConfig":{}}"#)]).await;
        let gone = set_limit(&engine.client, "sales", None).await;
        assert!(matches!(&gone, Err(EngineError::Conflict(why)) if why.contains("new container")), "{gone:?}");
        assert_eq!(set_limit(&engine.client, "sales", Some(100)).await, Ok(()), "it has it already");
        assert_eq!(set_limit(&engine.client, "sales", None).await, Ok(()), "it has none already");
        assert_eq!(engine.asked().await, ["GET /containers/sales/json"; 3], "and nothing is changed");
    }

    #[tokio::test]
    async fn the_hosts_memory_is_a_number_or_an_error() {
        let engine = ScriptedEngine::start(vec![Answer::json(r#"{"MemTotal":4096}"#), Answer::json("{}")]).await;
        assert_eq!(of_host(&engine.client).await, Ok(4096));
        let silent = of_host(&engine.client).await;
        assert!(matches!(silent, Err(EngineError::Failed(_))), "{silent:?}");
        assert_eq!(engine.asked().await, ["GET /info"; 2]);
    }
}
