//! The one router: every address and every layer, outermost last.

use crate::http::{
    access_log, download, errors, guard, headers, health, limits, session, size, static_files, upload, visitor,
};
use crate::rest_api;
use crate::site::Site;
use app::address::Address;
use app::api::Visitor;
use app::routes::Page;
use axum::Router;
use axum::extract::{DefaultBodyLimit, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodFilter, MethodRouter, any, get, on, post};
use leptos::prelude::{provide_context, use_context};
use leptos_axum::handle_server_fns_with_context;
use std::sync::Arc;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

/// The whole console over HTTP. Serve it with connect info: it wants to know the visitor's address.
pub fn build(site: &Site) -> Router {
    let open = static_files::router(&site.leptos).merge(health::router(site.clone()));
    let short = pages(site)
        .merge(open)
        .merge(rest_api::metrics(site))
        .nest("/api/v1", rest_api::router(site))
        // `nest` leaves this one to the pages.
        .route("/api/v1/", any(async || StatusCode::NOT_FOUND))
        .layer(from_fn(limits::finish_changes))
        .layer(limits::timeout())
        .layer(RequestBodyLimitLayer::new(size::BODY));
    short
        .merge(long(site))
        .layer(CatchPanicLayer::custom(limits::panicked))
        .layer(from_fn(errors::word))
        // Inside the compression, which gives bodies another type.
        .layer(access_log::layer())
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(from_fn_with_state(site.config.url.is_https(), headers::secure))
}

/// Uploads: neither small nor quick, but never silent for long.
fn long(site: &Site) -> Router {
    let form =
        Router::new().route("/upload", post(upload::form)).layer(DefaultBodyLimit::disable()).with_state(site.clone());
    with_session(form, site)
        .nest("/api/v1", rest_api::uploads(site))
        .layer(from_fn(limits::finish_changes))
        .layer(RequestBodyTimeoutLayer::new(upload::SILENCE))
}

/// Every server function's path and method, for the test that none is open by accident.
pub fn functions() -> Vec<(&'static str, Method)> {
    leptos::server_fn::axum::server_fn_paths().collect()
}

/// Every page's path, with `{…}` for what varies.
pub fn page_paths() -> Vec<&'static str> {
    app::routes::all().iter().map(|page| page.path).collect()
}

/// Pages, server functions, and files that a page links to.
fn pages(site: &Site) -> Router {
    let context = context(site);
    let mut router = Router::new().route("/download/{id}", get(download::link)).with_state(site.clone());
    for page in app::routes::all() {
        router = router.route(page.path, page_handler(page, site, context.clone()));
    }
    for (path, method) in functions() {
        let context = context.clone();
        let answer = move |request: Request| handle_server_fns_with_context(context.clone(), request);
        router = router.route(path, on(filter(&method), answer));
    }
    // Outside the pages, so that a program gets no page.
    let router = router.route(&format!("{}{{*name}}", guard::FUNCTIONS), any(async || StatusCode::NOT_FOUND));
    with_session(router, site)
}

fn page_handler(page: Page, site: &Site, context: impl Fn() + Clone + Send + Sync + 'static) -> MethodRouter {
    let (page, options) = (Arc::new(page), site.leptos.clone());
    get(move |params: RawPathParams, request: Parts| {
        let (page, options, context) = (page.clone(), options.clone(), context.clone());
        let params = params.iter().map(|(name, value)| (name.into(), value.into())).collect();
        let address = Address::new(&request.uri, params);
        async move { app::document::draw(&page, options, request, address, context).await }
    })
}

/// leptos has functions by GET and by POST only.
fn filter(method: &Method) -> MethodFilter {
    if method == Method::GET { MethodFilter::GET } else { MethodFilter::POST }
}

/// With a session cookie, hence with guards against forged requests.
fn with_session(router: Router, site: &Site) -> Router {
    router
        .layer(from_fn_with_state(site.clone(), guard::require_session))
        .layer(from_fn_with_state(site.clone(), visitor::authenticate))
        .layer(session::layer(&site.config, site.sessions.clone()))
        .layer(forged_requests(site))
}

/// What pages and server functions find in leptos' context: the console and who asks.
fn context(site: &Site) -> impl Fn() + Clone + Send + Sync + use<> + 'static {
    let (console, refusals) = (site.console.clone(), site.refusals.clone());
    move || {
        provide_context(console.clone());
        provide_context(refusals.clone());
        if let Some(visitor) = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Visitor>().cloned()) {
            provide_context(visitor);
        }
        headers::provide_page_policy();
    }
}

/// Refuses what another site makes a browser send. The REST API needs none: it takes no cookie.
fn forged_requests(
    site: &Site,
) -> CsrfLayer<impl Fn(tower_http::csrf::ProtectionError) -> axum::response::Response + Clone + use<>> {
    let refuse = |_| {
        errors::bare(
            domain::Problem::new(domain::problem::ProblemKind::Denied, "This request came from another site.")
                .means("Nothing was changed.")
                .next_step("Open the console itself and do it there.")
                .next_step("If you did, CONSOLE_URL is not the address in your browser: correct it."),
        )
    };
    let layer = CsrfLayer::new();
    let layer = match layer.clone().add_trusted_origin(site.config.url.as_str()) {
        Ok(trusting) => trusting,
        Err(error) => {
            tracing::warn!(%error, "CONSOLE_URL is not an origin; only the Host header is compared");
            layer
        }
    };
    layer.with_rejection_response(refuse)
}
