//! Everything the router serves from. Cheap to clone.

use crate::config::Config;
use crate::http::session_store::Sessions;
use app::api::Refusals;
use leptos::config::LeptosOptions;
use ops::Console;
use ports::Ports;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;

/// What every request can reach.
#[derive(Clone)]
pub struct Site {
    pub config: Arc<Config>,
    pub console: Console,
    pub ports: Ports,
    pub sessions: Sessions,
    pub leptos: LeptosOptions,
    pub refusals: Refusals,
    /// When Docker was last asked whether it answers, and what came of it.
    pub(crate) docker_state: Arc<Mutex<Option<(Duration, &'static str)>>>,
    is_set_up: Arc<AtomicBool>,
}

impl Site {
    /// A site that nobody has asked anything yet: state of Docker and of the set-up are unknown.
    pub fn new(config: Config, console: Console, ports: Ports, sessions: Sessions, leptos: LeptosOptions) -> Self {
        Self {
            config: Arc::new(config),
            console,
            ports,
            sessions,
            leptos,
            refusals: Refusals::default(),
            docker_state: Arc::default(),
            is_set_up: Arc::default(),
        }
    }

    /// Whether the first member is still to come. Once there is one the database is not asked again.
    pub async fn set_up_open(&self) -> ops::Result<bool> {
        if self.is_set_up.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let open = self.console.setup_open().await?;
        self.is_set_up.store(!open, Ordering::Relaxed);
        Ok(open)
    }
}
