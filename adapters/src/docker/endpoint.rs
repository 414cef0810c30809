//! Where the engine listens, read from `DOCKER_HOST`.

use super::errors::translate;
use bollard::{API_DEFAULT_VERSION, Docker};
use domain::plaintext::leaves_the_machine;
use ports::EngineError;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// bollard's own limit covers a request up to the answer's head, an upload's body included: it must not cut one. Ours
/// do, shorter.
const LONGEST_SECONDS: u64 = 24 * 3600;
const DEFAULT_SOCKET: &str = "/var/run/docker.sock";

/// Where the engine listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    Unix(String),
    /// `tcp://host:port`, in the clear.
    Tcp(String),
    /// `https://host:port` with the directory of `ca.pem`, `cert.pem` and `key.pem`.
    Tls(String, PathBuf),
}

impl Endpoint {
    /// From `CONSOLE_DOCKER_HOST` or `DOCKER_HOST`; the socket when there is none.
    pub fn parse(docker_host: Option<&str>, certificates: Option<OsString>) -> Result<Self, EngineError> {
        let host = docker_host.map(str::trim).filter(|host| !host.is_empty()).unwrap_or(DEFAULT_SOCKET);
        let certificates = certificates.filter(|path| !path.is_empty()).map(PathBuf::from);
        match host.split_once("://") {
            None if host.starts_with('/') => Ok(Self::Unix(host.into())),
            Some(("unix", path)) if path.starts_with('/') => Ok(Self::Unix(path.into())),
            Some(("tcp" | "http", address)) if is_address(address) && certificates.is_none() => {
                Ok(Self::Tcp(format!("tcp://{}", plain(address))))
            }
            Some(("tcp" | "https", address)) if is_address(address) => match certificates {
                Some(directory) => Ok(Self::Tls(format!("https://{}", plain(address)), directory)),
                None => Err(refuse(host, "needs DOCKER_CERT_PATH, a directory with ca.pem, cert.pem and key.pem")),
            },
            _ => Err(refuse(
                host,
                "is not understood. Use unix:///var/run/docker.sock, tcp://host:2375, or tcp://host:2376 with \
                 DOCKER_CERT_PATH",
            )),
        }
    }

    /// The other machine, or this one by its loopback. `None`: a socket.
    pub fn host(&self) -> Option<&str> {
        let (Self::Tcp(address) | Self::Tls(address, _)) = self else { return None };
        address.split_once("://").and_then(|(_, rest)| rest.rsplit_once(':')).map(|(host, _)| host)
    }

    /// The host, when the engine is spoken to unencrypted over a network.
    pub fn in_the_clear(&self) -> Option<&str> {
        match self {
            Self::Tcp(_) => self.host().filter(|host| leaves_the_machine(host)),
            Self::Unix(_) | Self::Tls(..) => None,
        }
    }

    /// The same with its port.
    pub fn address(&self) -> Option<(String, u16)> {
        let (Self::Tcp(address) | Self::Tls(address, _)) = self else { return None };
        let port = address.rsplit_once(':')?.1.parse().ok()?;
        Some((self.host()?.trim_matches(['[', ']']).to_owned(), port))
    }

    /// A client; connects to nothing yet.
    pub fn open(&self) -> Result<Docker, EngineError> {
        let client = match self {
            Self::Unix(path) => Docker::connect_with_unix(path, LONGEST_SECONDS, API_DEFAULT_VERSION),
            Self::Tcp(address) => Docker::connect_with_http(address, LONGEST_SECONDS, API_DEFAULT_VERSION),
            Self::Tls(address, directory) => open_tls(address, directory),
        };
        client.map_err(|error| translate("connect", &error))
    }
}

/// rustls panics without a provider; the first one installed wins, so a second try is harmless.
fn open_tls(address: &str, directory: &Path) -> Result<Docker, bollard::errors::Error> {
    let _already = rustls::crypto::ring::default_provider().install_default();
    let file = |name: &str| directory.join(name);
    Docker::connect_with_ssl(
        address,
        &file("key.pem"),
        &file("cert.pem"),
        &file("ca.pem"),
        LONGEST_SECONDS,
        API_DEFAULT_VERSION,
    )
}

fn is_address(address: &str) -> bool {
    let address = plain(address);
    address.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
        && !address.contains(['/', '?', '#', '@'])
}

fn plain(address: &str) -> &str {
    address.trim_end_matches('/')
}

fn refuse(host: &str, why: &str) -> EngineError {
    EngineError::Failed(format!("DOCKER_HOST={host} {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_docker_host_is_understood() {
        let parse = |host: &str| Endpoint::parse(Some(host), None);
        assert_eq!(Endpoint::parse(None, None), Ok(Endpoint::Unix("/var/run/docker.sock".into())));
        assert_eq!(parse(""), Ok(Endpoint::Unix("/var/run/docker.sock".into())));
        assert_eq!(parse("unix:///run/user/1000/docker.sock"), Ok(Endpoint::Unix("/run/user/1000/docker.sock".into())));
        assert_eq!(parse("tcp://proxy:2375"), Ok(Endpoint::Tcp("tcp://proxy:2375".into())));
        assert_eq!(parse("http://10.0.0.1:2375/"), Ok(Endpoint::Tcp("tcp://10.0.0.1:2375".into())));
        assert_eq!(parse("tcp://[::1]:2375"), Ok(Endpoint::Tcp("tcp://[::1]:2375".into())));
        let tls = Endpoint::parse(Some("tcp://far:2376"), Some("/certs".into()));
        assert_eq!(tls, Ok(Endpoint::Tls("https://far:2376".into(), "/certs".into())));
    }

    #[test]
    fn an_engine_that_is_spoken_to_unencrypted_over_a_network_is_told() {
        let told = |host: &str, certificates: Option<&str>| {
            let endpoint = Endpoint::parse(Some(host), certificates.map(OsString::from)).expect("an endpoint");
            endpoint.in_the_clear().map(str::to_owned)
        };
        assert_eq!(told("tcp://10.0.0.1:2375", None).as_deref(), Some("10.0.0.1"));
        assert_eq!(told("tcp://docker.example.com:2375", None).as_deref(), Some("docker.example.com"));
        for fine in
            ["tcp://socket-proxy:2375", "tcp://127.0.0.1:2375", "tcp://[::1]:2375", "unix:///var/run/docker.sock"]
        {
            assert_eq!(told(fine, None), None, "{fine}");
        }
        assert_eq!(told("tcp://10.0.0.1:2376", Some("/certs")), None);
    }

    #[test]
    fn what_is_not_understood_says_what_to_write_instead() {
        for bad in ["ssh://me@far", "tcp://far", "unix://relative", "docker.sock", "tcp://a:b", "http://far:1/path"] {
            let error = Endpoint::parse(Some(bad), None).expect_err(bad).to_string();
            assert!(error.contains(bad) && error.contains("unix:///"), "{error}");
        }
        assert!(
            Endpoint::parse(Some("https://far:2376"), None)
                .expect_err("no certificates")
                .to_string()
                .contains("DOCKER_CERT_PATH")
        );
    }
}
