//! A receiver of web hooks: an HTTP server that keeps what comes and answers as a test wants.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) struct Got {
    pub method: Method,
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// What it does with one call.
pub(crate) enum Answer {
    Status(u16),
    RedirectTo(&'static str),
    /// Nothing for a minute.
    Silence,
    /// 200, after two seconds.
    Late,
    /// 200 and a body without an end.
    Endless,
}

#[derive(Clone, Default)]
pub(crate) struct Receiver {
    got: Arc<Mutex<Vec<Got>>>,
    /// Used up from the front; then 200.
    answers: Arc<Mutex<VecDeque<Answer>>>,
    pub url: String,
}

impl Receiver {
    pub async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://127.0.0.1:{}", listener.local_addr().expect("an address").port());
        let receiver = Self { url, answers: Arc::new(Mutex::new(answers.into_iter().collect())), ..Self::default() };
        let router = Router::new().fallback(take).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    pub fn got(&self) -> Vec<Got> {
        std::mem::take(&mut self.got.lock().expect("calls"))
    }
}

async fn take(State(receiver): State<Receiver>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    receiver.got.lock().expect("calls").push(Got { method, path: uri.to_string(), headers, body });
    let answer = receiver.answers.lock().expect("answers").pop_front().unwrap_or(Answer::Status(200));
    match answer {
        Answer::Status(status) => (StatusCode::from_u16(status).expect("a status"), "inner secret").into_response(),
        Answer::RedirectTo(path) => (StatusCode::FOUND, [(header::LOCATION, path)]).into_response(),
        Answer::Silence => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            StatusCode::OK.into_response()
        }
        Answer::Late => {
            tokio::time::sleep(Duration::from_secs(2)).await;
            StatusCode::OK.into_response()
        }
        Answer::Endless => {
            Body::from_stream(futures::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; 8192]))))
                .into_response()
        }
    }
}
