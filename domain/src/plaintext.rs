//! Whether what is sent unencrypted to a host can be read on the way.

use std::net::IpAddr;

/// Whether packets to this host leave the machine, as far as its name tells. A name without a dot is a container beside
/// the console; an address inside a company is another machine.
pub fn leaves_the_machine(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    match host.parse::<IpAddr>() {
        Ok(address) => !address.to_canonical().is_loopback(),
        Err(_) => host.contains('.') && !host.ends_with(".localhost") && host != "host.docker.internal",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_and_containers_stay_on_the_machine_all_else_leaves_it() {
        for stays in [
            "localhost",
            "127.0.0.1",
            "127.8.8.8",
            "::1",
            "[::1]",
            "::ffff:127.0.0.1",
            "socket-proxy",
            "minio",
            "s3.localhost",
            "host.docker.internal",
        ] {
            assert!(!leaves_the_machine(stays), "{stays}");
        }
        for leaves in [
            "10.0.0.7",
            "192.168.1.9",
            "172.17.0.1",
            "s3.example.com",
            "nas.lan",
            "nas.lan.",
            "2001:db8::1",
            "[fe80::1]",
            "0.0.0.0",
        ] {
            assert!(leaves_the_machine(leaves), "{leaves}");
        }
    }
}
