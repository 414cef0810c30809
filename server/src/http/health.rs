//! `/healthz`: the process answers. `/readyz`: its database does. Docker and the background loops are told as well, but
//! a console without Docker, or with a loop that is being restarted, still shows what it knows, so it stays ready.

use crate::site::Site;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing::get};
use ports::EngineError;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

/// Anybody may ask, so the engine is not asked more often than this.
const ASK_EVERY: Duration = Duration::from_secs(5);

/// Both addresses, open to everybody.
pub fn router(site: Site) -> Router {
    Router::new()
        .route("/healthz", get(async || Json(json!({ "status": "up" }))))
        .route("/readyz", get(ready))
        .with_state(site)
}

async fn ready(State(site): State<Site>) -> Response {
    let database = site.console.store().ping().await;
    let docker = docker(&site).await;
    let (status, word) = match &database {
        Ok(_) => (StatusCode::OK, "ok"),
        Err(error) => {
            tracing::warn!(error = %ports::error_chain(error), "database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "gone")
        }
    };
    let loops = site
        .console
        .loops()
        .into_iter()
        .map(|(which, state)| (<&str>::from(which), <&str>::from(state)))
        .collect::<BTreeMap<_, _>>();
    (status, Json(json!({ "database": word, "docker": docker, "loops": loops }))).into_response()
}

/// Each engine must answer.
async fn ping(site: &Site) -> Result<(), EngineError> {
    for (_, engine) in site.ports.engines.all() {
        engine.ping().await?;
    }
    Ok(())
}

/// The answer is one word: causes are for the log.
async fn docker(site: &Site) -> &'static str {
    let now = site.ports.clock.monotonic();
    let mut last = site.docker_state.lock().await;
    if let Some((at, word)) = *last
        && now - at < ASK_EVERY
    {
        return word;
    }
    let word = match tokio::time::timeout(Duration::from_secs(2), ping(site)).await {
        Ok(Ok(())) => "ok",
        _ => "gone",
    };
    *last = Some((now, word));
    word
}
