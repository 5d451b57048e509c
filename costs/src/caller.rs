//! A caller over HTTP, on one connection.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};

use tokio::io::AsyncReadExt;

/// Room for the response with a list.
const LONGEST: usize = 256 << 10;

/// A caller. Its requests go to the kernel at once, and the gateway reads them when it runs.
pub(crate) struct Caller {
    requests: TcpStream,
    responses: tokio::net::TcpStream,
    response: Vec<u8>,
    read: usize,
}

impl Caller {
    /// Connects to a gateway that runs on the runtime of this task.
    pub(crate) fn connect(gateway: SocketAddr) -> Self {
        let requests = TcpStream::connect(gateway).expect("it listens");
        requests.set_nodelay(true).expect("an option of sockets");
        requests.set_nonblocking(true).expect("an option of sockets");
        let responses = requests.try_clone().expect("a second handle");
        let responses =
            tokio::net::TcpStream::from_std(responses).expect("a socket of the runtime");
        Self { requests, responses, response: vec![0; LONGEST], read: 0 }
    }

    /// Sends a `POST /missions` with this body. Nothing else runs meanwhile.
    pub(crate) fn post(&mut self, body: &str) {
        let (length, kind) = (body.len(), "application/json");
        let request = format!(
            "POST /missions HTTP/1.1\r\nhost: x\r\ncontent-type: {kind}\r\n\
             content-length: {length}\r\n\r\n{body}"
        );
        self.requests.write_all(request.as_bytes()).expect("the kernel has room for one request");
    }

    /// Reads up to the end of the response.
    pub(crate) async fn read(&mut self) {
        self.read = 0;
        while !self.so_far().ends_with(b"}\n") {
            let room = self.response.get_mut(self.read..).unwrap_or_default();
            let more = self.responses.read(room).await.expect("the connection is open");
            assert_ne!(more, 0, "the response has an end and fits: {}", self.text());
            self.read += more;
        }
    }

    /// Fails if what was read is no 201.
    pub(crate) fn assert_created(&self) {
        assert!(self.so_far().starts_with(b"HTTP/1.1 201 "), "{}", self.text());
    }

    fn so_far(&self) -> &[u8] {
        self.response.get(..self.read).unwrap_or_default()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(self.so_far()).into_owned()
    }
}
