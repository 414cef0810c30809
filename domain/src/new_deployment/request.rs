//! A new deployment as a person or a program writes it down.

use super::{NewDeployment, Published};
use crate::Invalid;
use crate::change::size;
use crate::container::VolumeName;
use crate::deployment::DeploymentName;
use crate::environment::Environment;
use crate::image::ImageReference;
use crate::memory::recommended;
use std::net::{IpAddr, Ipv4Addr};

/// As it was written; what is empty gets the value that is usual.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'a> {
    pub name: &'a str,
    pub environment: &'a str,
    pub image: &'a str,
    pub accepts_licence: bool,
    /// `4g`, and so on. Heap and page cache as Neo4j recommends them for the limit where they are empty.
    pub limit: &'a str,
    pub heap: &'a str,
    pub page_cache: &'a str,
    /// After the deployment where they are empty.
    pub data_volume: &'a str,
    pub logs_volume: &'a str,
    pub network: &'a str,
    /// 127.0.0.1 where it is empty.
    pub address: &'a str,
    /// The engine chooses where it is empty.
    pub bolt_port: &'a str,
    pub http_port: &'a str,
}

impl Request<'_> {
    /// # Errors
    /// Of the first field that cannot be read.
    pub fn parse(&self) -> Result<NewDeployment, Invalid> {
        let name = DeploymentName::parse(self.name)?;
        if name.as_str().len() < 2 {
            return Err(Invalid::new("name", "Docker requires names of at least two characters."));
        }
        let limit = size("limit", self.limit)?;
        let usual = recommended(limit);
        let data_volume = volume("data_volume", self.data_volume, &format!("{name}-data"))?;
        let logs_volume = volume("logs_volume", self.logs_volume, &format!("{name}-logs"))?;
        if data_volume == logs_volume {
            return Err(Invalid::new("logs_volume", "Data and logs need a volume each."));
        }
        Ok(NewDeployment {
            name,
            environment: Environment::parse_or_default(self.environment)?,
            image: ImageReference::parse(self.image)?,
            accepts_licence: self.accepts_licence,
            limit,
            heap: size_or("heap", self.heap, usual.heap)?,
            page_cache: size_or("page_cache", self.page_cache, usual.page_cache)?,
            data_volume,
            logs_volume,
            network: network(self.network)?,
            published: self.published()?,
        })
    }

    fn published(&self) -> Result<Published, Invalid> {
        let (bolt, http) = (port("bolt_port", self.bolt_port)?, port("http_port", self.http_port)?);
        if bolt != 0 && bolt == http {
            return Err(Invalid::new("http_port", "Bolt and HTTP need a port each."));
        }
        Ok(Published { address: address(self.address)?, bolt, http })
    }
}

fn size_or(field: &str, text: &str, usual: u64) -> Result<u64, Invalid> {
    if text.trim().is_empty() { Ok(usual) } else { size(field, text) }
}

/// What Docker takes for a name of a volume or network.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
}

fn volume(field: &str, text: &str, usual: &str) -> Result<VolumeName, Invalid> {
    let text = if text.trim().is_empty() { usual } else { text.trim() };
    if !is_name(text) {
        return Err(Invalid::new(field, "Use letters, digits, dots, dashes or underscores."));
    }
    Ok(VolumeName(text.into()))
}

fn network(text: &str) -> Result<Option<String>, Invalid> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    // The host's own has no ports of its own, and without one nothing reaches Neo4j.
    if !is_name(text) || ["host", "none"].contains(&text) {
        return Err(Invalid::new("network", "Write the name of a Docker network that your applications are on."));
    }
    Ok(Some(text.into()))
}

fn address(text: &str) -> Result<IpAddr, Invalid> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Ipv4Addr::LOCALHOST.into());
    }
    let address: IpAddr = text
        .parse()
        .map_err(|_| Invalid::new("address", "Write an address of the Docker host, for example 127.0.0.1."))?;
    if address.is_unspecified() {
        let why = "This would open Neo4j to every network of the Docker host. Write the one address that clients use.";
        return Err(Invalid::new("address", why));
    }
    Ok(address)
}

fn port(field: &str, text: &str) -> Result<u16, Invalid> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(0);
    }
    let port = text.parse().ok().filter(|port: &u16| *port > 0);
    port.ok_or_else(|| Invalid::new(field, "Write a port from 1 to 65535, or nothing for a free one."))
}
