//! `serve`: listens, runs what runs by itself, and ends in order when asked to.

use crate::config::Config;
use crate::http::package;
use crate::http::session_store::Sessions;
use crate::listen::{Limits, listen};
use crate::site::Site;
use crate::{build, parts};
use leptos::config::LeptosOptions;
use ops::Console;
use ops::background::supervisor::supervise;
use ops::console::loops::Loop;
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// For the step of a job to come to its next boundary.
const PATIENCE: Duration = Duration::from_secs(20);
const SWEEP: Duration = Duration::from_secs(600);

/// Serves until the process is asked to stop. `Err`: why it could not begin, as a sentence.
pub async fn serve(config: Config) -> Result<(), String> {
    let ports = parts::ports(&config)?;
    parts::data_directory(&config.data)?;
    let _lock = parts::lock(&config)?;
    let console = parts::console(&config, ports.clone()).await?;
    let sessions =
        Sessions::open(&config.data).await.map_err(|e| format!("The file of sessions cannot be opened: {e}."))?;
    let listener = bind(config.listen).await?;
    #[cfg(feature = "fault-points")]
    if let Some(hold_at) = &config.hold_at {
        console.hold_at(hold_at.clone());
    }
    let stop = CancellationToken::new();
    let background = ops::background::start(&console, &stop);
    let sweeper = tokio::spawn(keep_sweeping(console.clone(), sessions.clone(), stop.clone()));
    announce(&config, &console).await?;
    let site = Site::new(config, console, ports, sessions, leptos_options()?);
    listen(listener, build(&site), Limits::default(), asked_to_stop()?).await;
    stop.cancel();
    background.wait_bounded().await;
    let _ = sweeper.await;
    tracing::info!("stopped");
    Ok(())
}

async fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| {
        format!("Cannot listen on {address}: {error}. Free it, or set CONSOLE_LISTEN to another address.")
    })
}

/// The set-up link goes to standard output, where scripts and people look for it; everything else to the log.
async fn announce(config: &Config, console: &Console) -> Result<(), String> {
    if let Some(token) = console.setup_token().await.map_err(|error| parts::words(&error))? {
        println!("Set up the console: {}/setup?token={token}", config.url);
    }
    if let Some(warning) = parts::docker_in_the_clear(config) {
        tracing::warn!("{warning}");
    }
    tracing::info!(address = %config.listen, url = %config.url, data = %config.data.display(), "listening");
    Ok(())
}

/// From the variable cargo-leptos and the image set.
fn leptos_options() -> Result<LeptosOptions, String> {
    package::options(&std::env::var("LEPTOS_SITE_ROOT").unwrap_or_else(|_| "target/site".into()))
}

async fn keep_sweeping(console: Console, sessions: Sessions, stop: CancellationToken) {
    let start = || sweep(sessions.clone(), stop.clone());
    supervise(&console, Loop::Sessions, start).await;
}

async fn sweep(sessions: Sessions, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(SWEEP)).await.is_some() {
        if let Err(error) = sessions.sweep().await {
            tracing::warn!(%error, "could not remove expired sessions");
        }
    }
}

fn asked_to_stop() -> Result<impl Future<Output = ()> + Send + 'static, String> {
    let on = |kind| signal(kind).map_err(|error| format!("Cannot listen for signals: {error}."));
    let (mut terminate, mut interrupt) = (on(SignalKind::terminate())?, on(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

trait WaitBounded {
    async fn wait_bounded(&self);
}

impl WaitBounded for tokio_util::task::TaskTracker {
    async fn wait_bounded(&self) {
        if tokio::time::timeout(PATIENCE, self.wait()).await.is_err() {
            tracing::warn!("shutdown interrupted a running step; it resumes at the next start");
        }
    }
}
