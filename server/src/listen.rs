//! Takes connections: so few that descriptors are left for the database and Docker, and each only as long as a request
//! comes on it. `axum::serve` gives hyper no timer, so its limit for a request's head is off there, and it has no limit
//! of connections.

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::collections::HashMap;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt;

/// After an `accept` that failed for want of descriptors; what ends meanwhile frees some.
const REST: Duration = Duration::from_secs(1);

/// Bounds on connections.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// At once. More wait in the kernel's queue.
    pub connections: usize,
    /// Of one address at once; more are closed. A proxy has one, too, but uses a connection for many visitors.
    pub of_one_address: usize,
    /// Until the head of the next request is there. Also how long a connection may idle: longer than the 90 s after
    /// which Traefik and other proxies in Go close theirs, or a request of theirs could meet a connection that is just
    /// being closed.
    pub head: Duration,
    /// At the stop, for answers under way.
    pub patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 512,
            of_one_address: 256,
            head: Duration::from_secs(100),
            patience: Duration::from_secs(20),
        }
    }
}

/// Serves until `stop`, then waits for what is under way, but not for ever: a browser may hold a connection open.
pub async fn listen(listener: TcpListener, router: Router, limits: Limits, stop: impl Future<Output = ()>) {
    let (graceful, mut stop) = (GracefulShutdown::new(), pin!(stop));
    let (free, addresses) = (Arc::new(Semaphore::new(limits.connections)), Arc::new(Addresses::default()));
    loop {
        let next = async {
            let one = free.clone().acquire_owned().await;
            (one, accept(&listener).await)
        };
        let (one, (stream, peer)) = tokio::select! {
            () = &mut stop => break,
            next = next => next,
        };
        let Some(place) = addresses.clone().place_for(peer.ip(), limits.of_one_address) else {
            tracing::warn!(address = %peer.ip(), limit = limits.of_one_address, "closed a connection: too many from \
                this address");
            continue;
        };
        let connection = graceful.watch(connection(stream, peer, router.clone(), limits.head));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%peer, %error, "connection ended early");
            }
            drop((one, place));
        });
    }
    tracing::info!("shutting down, accepting no new connections");
    drop(listener);
    if tokio::time::timeout(limits.patience, graceful.shutdown()).await.is_err() {
        tracing::warn!("closed the remaining connections after the shutdown timeout");
    }
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(REST).await;
            }
        }
    }
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    head: Duration,
) -> impl hyper_util::server::graceful::GracefulConnection<Output = hyper::Result<()>> + Send {
    // Without this a streamed answer waits 44 ms for the client's delayed ACK (measured).
    let _ = stream.set_nodelay(true);
    let answer = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request.map(Body::new))
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .serve_connection(TokioIo::new(stream), answer)
}

/// How many connections each address has.
#[derive(Default)]
struct Addresses(Mutex<HashMap<IpAddr, usize>>);

/// One connection of an address; given back when it is dropped.
struct Place {
    addresses: Arc<Addresses>,
    of: IpAddr,
}

impl Addresses {
    fn counts(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn place_for(self: Arc<Self>, of: IpAddr, most: usize) -> Option<Place> {
        {
            let mut counts = self.counts();
            let count = counts.entry(of).or_default();
            if *count >= most {
                return None;
            }
            *count += 1;
        }
        Some(Place { addresses: self, of })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.addresses.counts();
        let left = counts.get(&self.of).map_or(0, |count| count.saturating_sub(1));
        if left == 0 {
            counts.remove(&self.of);
        } else {
            counts.insert(self.of, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::oneshot;
    use tokio::time::timeout;

    const SOON: Duration = Duration::from_secs(30);
    /// Long enough for a request on a machine that is busy with something else.
    const HEAD: Duration = Duration::from_secs(3);
    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    /// One that tells who asks. Its address, what stops it, and its end.
    async fn started(limits: Limits) -> (SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel();
        let router =
            Router::new().route("/", get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.ip().to_string()));
        let serving = tokio::spawn(listen(listener, router, limits, async { drop(stopped.await) }));
        (address, stop, serving)
    }

    fn limits(of_one_address: usize) -> Limits {
        Limits { connections: 8, of_one_address, head: HEAD, patience: Duration::from_millis(300) }
    }

    /// All that comes until the other side closes.
    async fn rest(stream: &mut TcpStream) -> String {
        let mut all = Vec::new();
        let ended = timeout(SOON, stream.read_to_end(&mut all)).await.expect("it is closed in time");
        ended.map_or_else(|error| error.kind().to_string(), |_| String::from_utf8_lossy(&all).into_owned())
    }

    async fn answered(stream: &mut TcpStream) -> String {
        stream.write_all(REQUEST).await.expect("written");
        answer(stream).await
    }

    /// One answer, or nothing where there is none.
    async fn answer(stream: &mut TcpStream) -> String {
        let mut bytes = vec![0; 1000];
        let count = timeout(SOON, stream.read(&mut bytes)).await.expect("in time").unwrap_or(0);
        String::from_utf8_lossy(&bytes[..count]).into_owned()
    }

    #[tokio::test]
    async fn a_head_that_does_not_come_to_its_end_and_an_idle_connection_are_closed() {
        let (address, _stop, _serving) = started(limits(8)).await;
        let slow = async |begun: &[u8]| {
            let mut slow = TcpStream::connect(address).await.expect("connected");
            slow.write_all(begun).await.expect("written");
            let said = rest(&mut slow).await;
            assert!(said.is_empty() || said.contains("408"), "{said}");
        };
        let idle = async {
            let mut idle = TcpStream::connect(address).await.expect("connected");
            assert!(answered(&mut idle).await.ends_with("127.0.0.1"));
            assert_eq!(rest(&mut idle).await, "");
        };
        tokio::join!(slow(b""), slow(b"GET / HTTP/1.1\r\nx: "), idle);
    }

    #[tokio::test]
    async fn one_address_has_so_many_connections_and_no_more() {
        let (address, _stop, _serving) = started(Limits { head: SOON, ..limits(2) }).await;
        let mut open = Vec::new();
        for _ in 0..2 {
            let mut stream = TcpStream::connect(address).await.expect("connected");
            assert!(answered(&mut stream).await.contains("200 OK"));
            open.push(stream);
        }
        let mut third = TcpStream::connect(address).await.expect("connected");
        let said = rest(&mut third).await;
        assert!(said.is_empty() || said.contains("reset"), "{said}");
        drop(open.pop());
        // The other side learns of it a moment later.
        let again = async {
            loop {
                let mut again = TcpStream::connect(address).await.expect("connected");
                // One that is one too many may be closed before it has sent its request.
                if again.write_all(REQUEST).await.is_ok() && answer(&mut again).await.contains("200 OK") {
                    return;
                }
            }
        };
        timeout(SOON, again).await.expect("there is room again");
    }

    #[tokio::test]
    async fn more_than_all_together_wait_and_are_answered_later() {
        let (address, _stop, _serving) = started(Limits { connections: 1, head: SOON, ..limits(8) }).await;
        let mut first = TcpStream::connect(address).await.expect("connected");
        assert!(answered(&mut first).await.contains("200 OK"));
        let mut second = TcpStream::connect(address).await.expect("in the queue");
        second.write_all(REQUEST).await.expect("written");
        let mut byte = [0];
        assert!(timeout(Duration::from_millis(300), second.read(&mut byte)).await.is_err(), "it waits");
        drop(first);
        assert_eq!(timeout(SOON, second.read(&mut byte)).await.expect("in time").expect("an answer"), 1);
    }

    #[tokio::test]
    async fn at_the_stop_idle_connections_do_not_hold_it_up() {
        let (address, stop, serving) = started(Limits { head: SOON, ..limits(8) }).await;
        let mut idle = TcpStream::connect(address).await.expect("connected");
        assert!(answered(&mut idle).await.contains("200 OK"));
        let mut half = TcpStream::connect(address).await.expect("connected");
        half.write_all(b"GET /").await.expect("written");
        stop.send(()).expect("it runs");
        timeout(SOON / 2, serving).await.expect("it ends in time").expect("in order");
        assert!(TcpStream::connect(address).await.is_err());
    }
}
