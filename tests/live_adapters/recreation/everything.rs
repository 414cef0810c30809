//! Every option of a container that Engine 20.10 takes on a machine like this one. Left out: storage options (want xfs
//! with quotas), real-time scheduling (wants a budget of the parent group), limits of a disk's
//! speed (want a disk that every machine has), devices of a driver.

use super::super::{IMAGE, Volume, engine};
use super::made::{Named, Network, post};
use ports::ContainerEngine;
use serde_json::{Value, json};
use tests::docker::docker;

/// A running container with all of it, on two networks. Dropped from the top: what uses something stands before it.
pub struct Everything {
    pub container: Named,
    _volume: Volume,
    first: Network,
    second: Network,
    /// On the first.
    address: String,
}

impl Everything {
    pub async fn start() -> Self {
        let subnet = format!("10.231.{}", std::process::id() % 256);
        let address = format!("{subnet}.10");
        let first = Network::create(&["--subnet", &format!("{subnet}.0/24")]);
        let (second, volume, container) = (Network::create(&[]), Volume::by_hand(&[]), Named::new());
        let all = description(&first.0, &address, &volume.0);
        post(&format!("/containers/create?name={}", container.0), &all).await;
        let end = json!({ "Container": container.0, "EndpointConfig": { "Aliases": ["second"] } });
        post(&format!("/networks/{}/connect", second.0), &end).await;
        engine().start(&container.id()).await.expect("started");
        Self { container, _volume: volume, first, second, address }
    }

    /// Others on its networks find this container by the names of this one, at its addresses and ports.
    pub fn is_found_as(&self, container: &Value) {
        let settings = &container["NetworkSettings"];
        let first = &settings["Networks"][&self.first.0];
        assert_eq!((&first["IPAddress"], &first["MacAddress"]), (&json!(self.address), &json!("02:42:ac:1f:c9:77")));
        let second = settings["Networks"][&self.second.0]["IPAddress"].as_str().unwrap_or_default();
        for (network, alias, address) in
            [(&self.first, "graph-db", self.address.as_str()), (&self.second, "second", second)]
        {
            let words = ["run", "--rm", "--network", &network.0, "--entrypoint", "getent", IMAGE, "hosts", alias];
            assert_eq!(docker().run(&words).split_whitespace().next(), Some(address), "{alias}");
        }
        assert_eq!(settings["Ports"]["7687/tcp"], json!([{ "HostIp": "127.0.0.1", "HostPort": "28001" }]));
    }
}

/// For `POST /containers/create`, with a fixed address on `network` and a named volume.
fn description(network: &str, address: &str, volume: &str) -> Value {
    let mut all = process();
    all["HostConfig"] = json!({});
    for part in [resources(), rights(), places(volume), network_of_the_host(network)] {
        let part = part.as_object().expect("an object").clone();
        all["HostConfig"].as_object_mut().expect("an object").extend(part);
    }
    all["NetworkingConfig"] = json!({ "EndpointsConfig": { network: {
        "IPAMConfig": { "IPv4Address": address, "LinkLocalIPs": ["169.254.9.9"] },
        "Aliases": ["graph-db"], "DriverOpts": { "x": "y" },
    } } });
    all
}

fn process() -> Value {
    json!({
        "Image": IMAGE, "Hostname": "graph", "Domainname": "example.test", "User": "7474:7474", "Tty": true,
        "OpenStdin": true, "StdinOnce": true, "AttachStdout": true, "WorkingDir": "/tmp",
        "Env": ["TWO=a\nb", "Q=say \"ü\" 'x' $HOME", "EMPTY=", "A=1"], "MacAddress": "02:42:ac:1f:c9:77",
        "Entrypoint": ["bash", "-c"], "Cmd": ["echo \"a b\" 'c'; trap 'exit 0' INT; sleep 600 & wait"],
        "ExposedPorts": { "7687/tcp": {}, "9002/udp": {}, "9100/tcp": {} },
        "Labels": { "q": "say \"ü\"", "com.example": "" },
        "StopSignal": "SIGINT", "StopTimeout": 77, "Volumes": { "/bare": {} }, "OnBuild": ["RUN true"],
        "Shell": ["/bin/bash", "-c"],
        "Healthcheck": {
            "Test": ["CMD-SHELL", "true \"x\""], "Interval": 7_000_000_000_u64, "Timeout": 2_000_000_000_u64,
            "Retries": 4, "StartPeriod": 3_000_000_000_u64,
        },
    })
}

fn resources() -> Value {
    json!({
           "PidsLimit": 321, "CpuShares": 512, "CpuQuota": 150_000, "CpuPeriod": 100_000, "CpusetCpus": "0-1",
           "CpusetMems": "0", "Memory": 256 << 20, "MemorySwap": 384 << 20, "MemoryReservation": 128 << 20,
           "MemorySwappiness": 7, "OomKillDisable": true, "OomScoreAdj": 250, "BlkioWeight": 300,
    "ShmSize": 32 << 20,
           "CgroupParent": "/docker", "Ulimits": [{ "Name": "nofile", "Soft": 4000, "Hard": 5000 }],
           "Sysctls": { "net.ipv4.ip_unprivileged_port_start": "80" }, "Runtime": "runc", "Init": true,
           "RestartPolicy": { "Name": "on-failure", "MaximumRetryCount": 3 },
           "LogConfig": { "Type": "json-file", "Config": { "max-size": "1m", "max-file": "2" } },
       })
}

fn rights() -> Value {
    json!({
        "GroupAdd": ["4711"], "CapAdd": ["SYS_NICE"], "CapDrop": ["MKNOD"], "SecurityOpt": ["no-new-privileges"],
        "Devices": [{ "PathOnHost": "/dev/null", "PathInContainer": "/dev/nothing", "CgroupPermissions": "r" }],
        "DeviceCgroupRules": ["c 1:3 r"], "ReadonlyRootfs": true, "MaskedPaths": ["/proc/kcore"],
        "ReadonlyPaths": ["/proc/sys"], "IpcMode": "shareable", "CgroupnsMode": "private", "UsernsMode": "host",
        "Isolation": "default",
    })
}

/// Nameless volumes in all four ways: the image's, the container's, a mount without a source, a bind of a path alone.
fn places(volume: &str) -> Value {
    json!({
        "Binds": [format!("{volume}:/named:ro"), "/tmp:/import:ro,rprivate", "/alone"],
        "Mounts": [
            { "Type": "volume", "Target": "/nameless", "VolumeOptions": { "Labels": { "a": "b" } } },
            { "Type": "tmpfs", "Target": "/t", "TmpfsOptions": { "SizeBytes": 1 << 20 } },
        ],
        "Tmpfs": { "/scratch": "size=1m,mode=1777" },
    })
}

fn network_of_the_host(network: &str) -> Value {
    json!({
        "NetworkMode": network, "Dns": ["127.0.0.1"], "DnsSearch": ["example.test"], "DnsOptions": ["ndots:2"],
        "ExtraHosts": ["other:10.9.8.7"], "PublishAllPorts": true,
        "PortBindings": {
            "7687/tcp": [{ "HostIp": "127.0.0.1", "HostPort": "28001" }],
            "9002/udp": [{ "HostIp": "127.0.0.1", "HostPort": "28002-28009" }],
        },
    })
}
