//! An engine for tests that says what it is told to, for what a real one says only when something breaks.

use bollard::Docker;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The answer to one request.
pub struct Answer {
    bytes: Vec<u8>,
    /// It is not whole, and the engine keeps the connection until the client lets go.
    stays: bool,
}

impl Answer {
    pub fn json(body: &str) -> Self {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        Self { bytes: [head.as_bytes(), body.as_bytes()].concat(), stays: false }
    }

    /// With its head.
    pub fn raw(text: &str) -> Self {
        Self { bytes: text.into(), stays: false }
    }

    /// That breaks off here, or ends with [`Answer::whole`], or goes on with [`Answer::stays`].
    pub fn pieces(pieces: &[&[u8]]) -> Self {
        let mut bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        for piece in pieces {
            bytes.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
            bytes.extend_from_slice(piece);
            bytes.extend_from_slice(b"\r\n");
        }
        Self { bytes, stays: false }
    }

    pub fn whole(mut self) -> Self {
        self.bytes.extend_from_slice(b"0\r\n\r\n");
        self
    }

    pub fn stays(mut self) -> Self {
        self.stays = true;
        self
    }
}

pub struct ScriptedEngine {
    pub client: Docker,
    asked: JoinHandle<Vec<String>>,
}

impl ScriptedEngine {
    /// Gives these answers, one a connection, and is gone after the last.
    pub async fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("tcp://{}", listener.local_addr().expect("an address"));
        let client = Docker::connect_with_http(&address, 10, bollard::API_DEFAULT_VERSION).expect("a client");
        let asked = tokio::spawn(async move {
            let (mut asked, mut open) = (vec![], vec![]);
            for answer in answers {
                let (mut stream, _) = listener.accept().await.expect("a client");
                asked.push(request(&mut stream).await);
                stream.write_all(&answer.bytes).await.expect("answered");
                open.extend(answer.stays.then_some(stream));
            }
            drop(listener);
            for mut stream in open {
                while stream.read(&mut [0; 64]).await.is_ok_and(|read| read > 0) {}
            }
            asked
        });
        Self { client, asked }
    }

    /// The first line of each request, once every client has let go.
    pub async fn asked(self) -> Vec<String> {
        let limit = std::time::Duration::from_secs(10);
        tokio::time::timeout(limit, self.asked).await.expect("the clients let go").expect("it ended")
    }
}

async fn request(stream: &mut TcpStream) -> String {
    let mut head = vec![];
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        let mut piece = [0; 1024];
        let read = stream.read(&mut piece).await.expect("a request");
        assert!(read > 0, "the client said nothing");
        head.extend_from_slice(&piece[..read]);
    }
    String::from_utf8_lossy(&head).lines().next().unwrap_or_default().trim_end_matches(" HTTP/1.1").to_string()
}
