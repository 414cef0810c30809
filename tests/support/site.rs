//! A console on a real loopback port, with its databases in a temporary directory and everything outside it fake.

use axum::Router;
use domain::member::Role;
use domain::token::{Label, Life};
use fakes::{FakeEngine, FakeGraph, FakeRegistry, MemoryTarget, World};
use leptos::config::LeptosOptions;
use ops::testing::TestConsole;
use ports::{Clock, ContainerEngine, Engines, GraphServer, Ports, Target};
use reqwest::header::{ACCEPT, COOKIE, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};
use server::config::Config;
use server::http::package;
use server::http::session_store::Sessions;
use server::listen::{Limits, listen};
use server::site::Site;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub const PASSWORD: &str = "seven brown owls";

pub struct TestSite {
    pub directory: Arc<TempDir>,
    /// Console, fake world and clock.
    pub inside: TestConsole,
    pub site: Site,
    pub url: String,
    server: Server,
}

/// Stops listening when dropped.
struct Server(JoinHandle<()>);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Somebody with a browser: remembers the session cookie, follows no redirects.
pub struct Person {
    pub client: Client,
    pub url: String,
    /// `name=value`, or empty.
    pub cookie: String,
}

impl TestSite {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With variables of the configuration.
    pub async fn start_with(vars: &[(&str, &str)]) -> Self {
        Self::open(
            Arc::new(TempDir::new().expect("a directory")),
            World::with_sales(),
            Arc::new(MemoryTarget::default()),
            vars,
        )
        .await
    }

    /// The same data directory, world and target after a restart of the process. The clock begins anew.
    pub async fn restart(self) -> Self {
        drop(self.server);
        self.inside.console.store().close().await;
        Self::open(self.directory, self.inside.world, self.inside.target, &[]).await
    }

    async fn open(directory: Arc<TempDir>, world: World, target: Arc<MemoryTarget>, vars: &[(&str, &str)]) -> Self {
        let inside = TestConsole::open(directory.path(), world, target).await.expect("a console");
        let data = directory.path().display().to_string();
        let vars = [("CONSOLE_DATA", data.as_str())].into_iter().chain(vars.iter().copied());
        let config =
            Config::from(vars.map(|(name, value)| (name.to_string(), value.to_string()))).expect("a configuration");
        let sessions = Sessions::open(directory.path()).await.expect("sessions");
        let site = Site::new(config, inside.console.clone(), ports(&inside), sessions, leptos_options(&directory));
        let (url, server) = serve(server::build(&site)).await;
        Self { directory, inside, site, url, server }
    }

    /// Address of the browser's script.
    pub fn script(&self) -> String {
        format!("/{}/console.js", self.site.leptos.site_pkg_dir)
    }

    /// A member with this role who is not signed in yet.
    pub async fn member(&self, name: &str, role: Role) {
        self.inside.console.add_member_from_command_line(name, role, PASSWORD).await.expect("a member");
    }

    /// A bearer token of a new member with this role.
    pub async fn token(&self, role: Role) -> String {
        let name = format!("robot-{}", role.as_str());
        self.member(&name, role).await;
        self.inside
            .console
            .create_token(&name, &Label::parse("test").expect("a label"), Life::default())
            .await
            .expect("a token")
    }

    /// A new member who is signed in.
    pub async fn signed_in(&self, name: &str, role: Role) -> Person {
        self.member(name, role).await;
        let mut person = self.visitor();
        let response = person.sign_in(name, PASSWORD).await;
        assert!(
            response.status().is_success() || response.status().is_redirection(),
            "{name} could not sign in: {}",
            response.status()
        );
        person
    }

    pub fn visitor(&self) -> Person {
        let client = crate::client().redirect(Policy::none()).build().expect("a client");
        Person { client, url: self.url.clone(), cookie: String::new() }
    }
}

impl Person {
    pub fn get(&self, path: &str) -> RequestBuilder {
        self.ready(self.client.get(format!("{}{path}", self.url)))
    }

    pub fn post(&self, path: &str) -> RequestBuilder {
        self.ready(self.client.post(format!("{}{path}", self.url)))
    }

    /// With any method, in capitals.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.ready(self.client.request(method.parse().expect("a method"), format!("{}{path}", self.url)))
    }

    fn ready(&self, request: RequestBuilder) -> RequestBuilder {
        if self.cookie.is_empty() { request } else { request.header(COOKIE, &self.cookie) }
    }

    /// As a browser asks for a page.
    pub async fn page(&self, path: &str) -> Response {
        self.get(path).header(ACCEPT, "text/html").send().await.expect("an answer")
    }

    /// A server function, by name, as the wasm calls it.
    pub async fn call(&self, function: &str, form: &[(&str, &str)]) -> Response {
        self.post(&path_of(function)).form(form).send().await.expect("an answer")
    }

    pub async fn sign_in(&mut self, name: &str, password: &str) -> Response {
        let response = self.call("sign_in", &[("name", name), ("password", password)]).await;
        self.remember(&response);
        response
    }

    /// Takes over the session cookie of the answer, as a browser does.
    pub fn remember(&mut self, response: &Response) {
        for cookie in cookies(response).iter().filter(|c| c.contains("session=")) {
            let pair = cookie.split(';').next().unwrap_or_default();
            self.cookie = if pair.ends_with('=') { String::new() } else { pair.into() };
        }
    }
}

pub fn cookies(response: &Response) -> Vec<String> {
    response.headers().get_all(SET_COOKIE).iter().map(|c| c.to_str().expect("text").to_string()).collect()
}

/// Where a redirect leads; empty when it is none.
pub fn location(response: &Response) -> &str {
    response.headers().get("location").map_or("", |l| l.to_str().expect("text"))
}

/// Path of a server function by its name.
pub fn path_of(function: &str) -> String {
    let all = server::router::functions();
    let found = all.iter().find(|(path, _)| path.rsplit('/').next() == Some(function));
    found.unwrap_or_else(|| panic!("no server function {function}")).0.to_string()
}

fn ports(inside: &TestConsole) -> Ports {
    let engine: Arc<dyn ContainerEngine> = Arc::new(FakeEngine(inside.world.clone()));
    let graph: Arc<dyn GraphServer> = Arc::new(FakeGraph(inside.world.clone()));
    let (target, clock): (Arc<dyn Target>, Arc<dyn Clock>) = (inside.target.clone(), inside.clock.clone());
    Ports {
        engines: Engines::local(engine),
        graph,
        target,
        targets: inside.targets.clone(),
        mailer: inside.messages.clone(),
        webhook: inside.messages.clone(),
        registry: Arc::new(FakeRegistry(inside.world.clone())),
        clock,
    }
}

/// A site directory with one file of each kind, as cargo-leptos leaves it.
fn leptos_options(directory: &TempDir) -> LeptosOptions {
    let root = directory.path().join("site");
    std::fs::create_dir_all(root.join("pkg")).expect("a directory");
    let program = [
        ("pkg/console.js", "plain"),
        ("pkg/console.js.br", "brotli"),
        ("pkg/console.wasm", ""),
        ("pkg/console.css", ""),
        ("icons.svg", "<svg/>"),
    ];
    for (name, content) in program {
        std::fs::write(root.join(name), content).expect("a file");
    }
    package::options(&root.display().to_string()).expect("all files")
}

async fn serve(router: Router) -> (String, Server) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    (url, Server(tokio::spawn(listen(listener, router, Limits::default(), std::future::pending()))))
}
