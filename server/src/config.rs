//! The configuration: `CONSOLE_*` variables of the environment, read once at start. A name nobody knows or a value that
//! cannot be used stops the start with a sentence that names it. `LEPTOS_*` is leptos' own business.

#[cfg(feature = "fault-points")]
pub mod hold_at;

use crate::public_url::PublicUrl;
use domain::near_miss::nearest;
use ipnet::IpNet;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// Everything a person can set, with its default and what it is for; `README.md` shows the same list.
pub const VARIABLES: &[(&str, &str, &str)] = &[
    ("CONSOLE_LISTEN", "127.0.0.1:3000", "address and port the console listens on"),
    (
        "CONSOLE_URL",
        "http:// and CONSOLE_LISTEN",
        "address people open in the browser; https here makes cookies Secure and sends HSTS",
    ),
    ("CONSOLE_ALLOW_PLAIN_HTTP", "false", "true lets CONSOLE_URL be http:// on a host that is not this machine"),
    ("CONSOLE_DATA", "./data", "directory of the console's own database"),
    (
        "CONSOLE_SECRET_KEY_FILE",
        "secret.key in CONSOLE_DATA",
        "32 bytes that seal secrets; made with mode 0600 if absent",
    ),
    ("CONSOLE_BACKUPS", "backups in CONSOLE_DATA", "directory the backups go to"),
    ("CONSOLE_TRUSTED_PROXIES", "", "addresses or networks whose X-Forwarded-For is believed, with commas between"),
    (
        "CONSOLE_ALLOW_HOOKS_TO",
        "",
        "inner addresses or networks that web hooks, pings and mail may go to, with commas between; others are refused",
    ),
    ("CONSOLE_SESSION_IDLE_MINUTES", "60", "minutes without a click after which a session is over"),
    ("CONSOLE_SESSION_HOURS", "12", "hours after sign-in at which a session is over in any case"),
    (
        "CONSOLE_HEAVY_JOBS",
        "1",
        "heavy jobs (backup, restore, drill) that may run on the Docker host at once, 1 to 16; the others wait in line",
    ),
    ("CONSOLE_LOG", "info", "what is logged, as a tracing filter: info, debug, server=debug,sqlx=warn"),
    (
        "CONSOLE_DOCKER_HOST",
        "DOCKER_HOST, else the socket",
        "where Docker listens: unix:///var/run/docker.sock, tcp://host:2375",
    ),
];

/// Everything the environment says, parsed.
#[derive(Debug, Clone)]
pub struct Config {
    pub listen: SocketAddr,
    pub url: PublicUrl,
    pub data: PathBuf,
    pub key_file: PathBuf,
    pub backups: PathBuf,
    pub trusted_proxies: Vec<IpNet>,
    pub hooks_to: Vec<IpNet>,
    /// Without a click.
    pub session_idle: Duration,
    /// From sign-in.
    pub session_life: Duration,
    /// At once, on the Docker host.
    pub heavy_jobs: usize,
    pub log: String,
    pub docker_host: Option<String>,
    #[cfg(feature = "fault-points")]
    pub hold_at: Option<ops::console::fault_point::HoldAt>,
}

impl Config {
    /// From the environment of the process.
    pub fn from_environment() -> Result<Self, Vec<String>> {
        Self::from(
            std::env::vars_os()
                .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())),
        )
    }

    /// All that is wrong is told at once, a sentence each. An empty value counts as not set: compose files write
    /// `${X:-}`.
    pub fn from(vars: impl IntoIterator<Item = (String, String)>) -> Result<Self, Vec<String>> {
        let set = vars
            .into_iter()
            .filter(|(name, value)| !value.is_empty() && (name.starts_with("CONSOLE_") || name == "DOCKER_HOST"));
        let mut read = Reader { vars: set.collect(), wrong: Vec::new() };
        read.refuse_unknown_names();
        let listen = read.listen();
        let data = PathBuf::from(read.text("CONSOLE_DATA").unwrap_or_else(|| "./data".into()));
        #[cfg(feature = "fault-points")]
        let hold_at = hold_at::read(&mut read, &data);
        let config = Self {
            url: read.url(listen),
            listen,
            key_file: read.text("CONSOLE_SECRET_KEY_FILE").map_or_else(|| data.join("secret.key"), PathBuf::from),
            backups: read.text("CONSOLE_BACKUPS").map_or_else(|| data.join("backups"), PathBuf::from),
            data,
            trusted_proxies: read.networks("CONSOLE_TRUSTED_PROXIES"),
            hooks_to: read.networks("CONSOLE_ALLOW_HOOKS_TO"),
            session_idle: Duration::from_secs(60 * read.number("CONSOLE_SESSION_IDLE_MINUTES", 60, 1..=1440)),
            session_life: Duration::from_secs(3600 * read.number("CONSOLE_SESSION_HOURS", 12, 1..=720)),
            heavy_jobs: usize::try_from(read.number("CONSOLE_HEAVY_JOBS", 1, 1..=16)).unwrap_or(1),
            log: read.log_filter(),
            docker_host: read.docker_host(),
            #[cfg(feature = "fault-points")]
            hold_at,
        };
        // A backup is removed with all that lies in its directory.
        if config.data.starts_with(&config.backups) {
            read.wrong("CONSOLE_BACKUPS", "a directory apart from CONSOLE_DATA, or one below it");
        }
        if read.wrong.is_empty() { Ok(config) } else { Err(read.wrong) }
    }
}

/// Reads variables and collects what is wrong with them.
struct Reader {
    vars: BTreeMap<String, String>,
    wrong: Vec<String>,
}

impl Reader {
    fn text(&self, name: &str) -> Option<String> {
        self.vars.get(name).cloned()
    }

    fn wrong(&mut self, name: &str, what: impl std::fmt::Display) {
        let value = self.vars.get(name).map_or("", String::as_str);
        // Long or odd values are shown in part and escaped: the sentence must stay one line.
        let shown: String = value.chars().take(80).collect();
        self.wrong.push(format!("{name} is {shown:?}, but it must be {what}."));
    }

    fn refuse_unknown_names(&mut self) {
        let of_tests: &[&str] = if cfg!(feature = "fault-points") { &["CONSOLE_TEST_HOLD_AT"] } else { &[] };
        let known = |name: &str| {
            name == "DOCKER_HOST" || of_tests.contains(&name) || VARIABLES.iter().any(|(k, ..)| *k == name)
        };
        for name in self.vars.keys().filter(|n| !known(n)) {
            self.wrong.push(match nearest(name, VARIABLES.iter().map(|(known, ..)| *known)) {
                Some(nearest) => format!("{name} is not a setting of the console. Did you mean {nearest}?"),
                None => format!("{name} is not a setting of the console. The README lists all of them."),
            });
        }
    }

    fn listen(&mut self) -> SocketAddr {
        let default = SocketAddr::from(([127, 0, 0, 1], 3000));
        let Some(text) = self.text("CONSOLE_LISTEN") else { return default };
        text.parse().unwrap_or_else(|_| {
            self.wrong("CONSOLE_LISTEN", "an address and a port, for example 127.0.0.1:3000");
            default
        })
    }

    fn number(&mut self, name: &str, default: u64, range: std::ops::RangeInclusive<u64>) -> u64 {
        let Some(text) = self.text(name) else { return default };
        text.parse().ok().filter(|n| range.contains(n)).unwrap_or_else(|| {
            self.wrong(name, format!("a whole number from {} to {}", range.start(), range.end()));
            default
        })
    }

    fn flag(&mut self, name: &str) -> bool {
        match self.text(name).as_deref() {
            Some("true") => true,
            None | Some("false") => false,
            Some(_) => {
                self.wrong(name, "true or false");
                false
            }
        }
    }

    fn url(&mut self, listen: SocketAddr) -> PublicUrl {
        let plain_allowed = self.flag("CONSOLE_ALLOW_PLAIN_HTTP");
        let given = self.text("CONSOLE_URL");
        if given.is_none() && listen.ip().is_unspecified() {
            self.wrong.push(format!(
                "CONSOLE_URL is not set, and CONSOLE_LISTEN {listen} does not say it. Set \
                CONSOLE_URL to the address people open, for example https://console.example.com."
            ));
            return PublicUrl::of(listen);
        }
        let url = match given.as_deref().map(PublicUrl::parse) {
            None => PublicUrl::of(listen),
            Some(Ok(url)) => url,
            Some(Err(what)) => {
                self.wrong("CONSOLE_URL", what);
                return PublicUrl::of(listen);
            }
        };
        if !url.is_https() && !url.is_loopback() && !plain_allowed {
            self.wrong.push(format!(
                "CONSOLE_URL is {url}: passwords would cross the network in the clear. Put https \
                in front (docs/install.md), or set CONSOLE_ALLOW_PLAIN_HTTP=true if the network itself is safe."
            ));
        }
        url
    }

    fn networks(&mut self, name: &str) -> Vec<IpNet> {
        let text = self.text(name).unwrap_or_default();
        let words = text.split([',', ' ']).filter(|word| !word.is_empty());
        let network = |word: &str| word.parse::<IpNet>().or_else(|_| word.parse::<IpAddr>().map(IpNet::from));
        words.map(network).collect::<Result<_, _>>().unwrap_or_else(|_| {
            self.wrong(name, "addresses or networks with commas between, for example 10.0.0.0/8, 192.168.1.5");
            Vec::new()
        })
    }

    fn log_filter(&mut self) -> String {
        let text = self.text("CONSOLE_LOG").unwrap_or_else(|| "info".into());
        if crate::log::filter(&text).is_none() {
            self.wrong("CONSOLE_LOG", "a filter, for example info or server=debug,sqlx=warn");
        }
        text
    }

    fn docker_host(&mut self) -> Option<String> {
        let name = if self.vars.contains_key("CONSOLE_DOCKER_HOST") { "CONSOLE_DOCKER_HOST" } else { "DOCKER_HOST" };
        let host = self.text(name)?;
        let known = ["unix://", "tcp://", "http://", "https://"]
            .iter()
            .any(|scheme| host.len() > scheme.len() && host.starts_with(scheme));
        if !known {
            self.wrong(name, "an address like unix:///var/run/docker.sock or tcp://127.0.0.1:2375");
        }
        Some(host)
    }
}
