//! Where the engine is, seen from the console.

use super::endpoint::Endpoint;
use super::{DockerEngine, containers};
use domain::bolt::{EngineHost, own_container};
use ports::EngineError;

/// Asked of the engine once. As long as it does not answer, an engine over TCP counts as another machine's: an address
/// that leads nowhere does no harm, one that leads to the wrong server does.
pub(super) async fn of(engine: &DockerEngine) -> EngineHost {
    if let Some(known) = engine.place.get() {
        return known.clone();
    }
    match look(engine).await {
        Ok(found) => engine.place.get_or_init(|| found).clone(),
        Err(_) => by_address(&engine.endpoint),
    }
}

/// A socket proxy stands at another address, yet before the console's own engine: that knows the console's container.
async fn look(engine: &DockerEngine) -> Result<EngineHost, EngineError> {
    let Some(own) = own_container(&std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default()) else {
        return Ok(by_address(&engine.endpoint));
    };
    match containers::inspect(engine.client()?, &own).await {
        Ok(console) if console.networks.iter().any(|n| n.name == "host") => Ok(EngineHost::Local),
        Ok(_) => Ok(EngineHost::Beside),
        Err(EngineError::NotFound(_)) => Ok(by_address(&engine.endpoint)),
        Err(error) => Err(error),
    }
}

fn by_address(endpoint: &Endpoint) -> EngineHost {
    match endpoint.host() {
        None => EngineHost::Local,
        Some(host) if is_loopback(host) => EngineHost::Local,
        Some(host) => EngineHost::Remote(host.into()),
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(address: &str) -> EngineHost {
        by_address(&Endpoint::parse(Some(address), Some("/certs".into())).expect("an address"))
    }

    #[test]
    fn another_machine_is_told_by_its_address() {
        for here in ["unix:///var/run/docker.sock", "tcp://127.0.0.1:2376", "tcp://localhost:2376", "tcp://[::1]:2376"]
        {
            assert_eq!(place(here), EngineHost::Local, "{here}");
        }
        assert_eq!(place("tcp://far.example.com:2376"), EngineHost::Remote("far.example.com".into()));
        assert_eq!(place("https://[fd00::7]:2376/"), EngineHost::Remote("[fd00::7]".into()));
    }
}
