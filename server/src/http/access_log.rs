//! One line in the log for each request: method, path, status, duration and, where it is known, who asked. Never the
//! query, which holds the token of a set-up link.

use axum::body::Body;
use axum::http::{Request, Response};
use std::time::Duration;
use tower_http::trace::{HttpMakeClassifier, TraceLayer};
use tracing::Span;
use tracing::field::Empty;

type Layer =
    TraceLayer<HttpMakeClassifier, fn(&Request<Body>) -> Span, (), fn(&Response<Body>, Duration, &Span), (), (), ()>;

/// The layer that logs.
pub fn layer() -> Layer {
    let span: fn(&Request<Body>) -> Span = span;
    let log: fn(&Response<Body>, Duration, &Span) = log;
    TraceLayer::new_for_http()
        .make_span_with(span)
        .on_request(())
        .on_response(log)
        .on_body_chunk(())
        .on_eos(())
        .on_failure(())
}

/// Everything that is logged while the request is answered carries it.
fn span(request: &Request<Body>) -> Span {
    tracing::info_span!("request", method = %request.method(), path = request.uri().path(), member = Empty)
}

fn log(response: &Response<Body>, took: Duration, _: &Span) {
    tracing::info!(target: "access", status = response.status().as_u16(), took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX), "request");
}

/// Who asks, once that is known.
pub fn member(name: &str) {
    Span::current().record("member", name);
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::routing::get;
    use std::io::Write;
    use std::sync::{Arc, Mutex};
    use tower::ServiceExt;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("lines").write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn each_request_is_one_line_with_who_asked_and_without_its_query() {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(subscriber, || {
            let page = async || {
                member("ana");
                "a page"
            };
            let router = Router::new().route("/setup", get(page)).layer(layer());
            let request = Request::get("/setup?token=secret").body(Body::empty()).expect("a request");
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            runtime.block_on(router.oneshot(request)).expect("an answer");
        });
        let log = String::from_utf8(lines.0.lock().expect("lines").clone()).expect("text");
        assert_eq!(log.lines().count(), 1, "{log}");
        for part in ["method=GET", "path=\"/setup\"", "member=\"ana\"", "access: request", "status=200", "took_ms="] {
            assert!(log.contains(part), "{part}: {log}");
        }
        assert!(!log.contains("secret"), "{log}");
    }
}
