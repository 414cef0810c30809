//! The browser's files: scripts, wasm, styles, icons. Compressed ahead of time, cached for good where the address holds
//! a digest.

use super::package;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::any;
use leptos::config::LeptosOptions;
use std::path::Path;
use tower_http::services::{ServeDir, ServeFile};

/// Files at the root that anybody may read.
pub const OPEN_FILES: &[&str] = &["/icon.svg", "/icons.svg", "/favicon.ico", "/robots.txt"];

/// The package of scripts and styles, cached for a year, and the open files, cached for 5 minutes.
pub fn router(options: &LeptosOptions) -> Router {
    let root = Path::new(&*options.site_root);
    let package = ServeDir::new(root.join(package::DIRECTORY)).precompressed_br().precompressed_gzip();
    let packages = Router::new()
        .nest_service(&format!("/{}", options.site_pkg_dir), package)
        .layer(from_fn_with_state(true, cache));
    let files = OPEN_FILES.iter().fold(Router::new(), |router, path| {
        let file = ServeFile::new(root.join(path.trim_start_matches('/'))).precompressed_br().precompressed_gzip();
        router.route_service(path, file)
    });
    // Asked for by a page of an earlier build.
    let gone = Router::new().route(&format!("/{}/{{*any}}", package::DIRECTORY), any(async || StatusCode::NOT_FOUND));
    packages.merge(gone).merge(files.layer(from_fn_with_state(false, cache)))
}

/// Only what was found is cached: a missing file may come with the next version.
async fn cache(State(for_good): State<bool>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if response.status().is_success() {
        let value = if for_good { "public, max-age=31536000, immutable" } else { "public, max-age=300" };
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(value));
    }
    response
}
