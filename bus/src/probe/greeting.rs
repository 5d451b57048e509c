//! Tries to reach a broker without a login: its name, its port, TLS, and its greeting.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, ToSocketAddrs};

use futures_util::future::join_all;
use lapin::protocol::{AMQPClass, connection, parse_class};
use lapin::tcp::TcpStream;
use lapin::types::{AMQPValue, FieldTable};
use lapin::uri::AMQPScheme;

use crate::Address;
use crate::message::CALL;
use crate::nodes::Node;

/// What a broker says before the login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Greeting {
    /// The address that accepted the connection.
    pub peer: SocketAddr,
    /// Whether the connection uses TLS; its certificate is trusted then.
    pub encrypted: bool,
    /// Its name: `RabbitMQ`.
    pub product: String,
    /// Its version: `3.10.8`.
    pub version: String,
}

/// Why a broker was not reached. No text holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreached {
    /// The name of the host is unknown.
    #[error("the name is unknown: {0}")]
    Name(String),
    /// The connection was refused: nobody listens there, or a firewall refuses.
    #[error("nobody listens: {0}")]
    Refused(String),
    /// No answer in time.
    #[error("no answer within 5 s")]
    Timeout,
    /// The server does not speak TLS, or its certificate is not trusted.
    #[error("TLS fails: {0}")]
    Tls(String),
    /// The server does not speak AMQP 0-9-1, or expects TLS.
    #[error("no AMQP is spoken there: {0}")]
    NotAmqp(String),
}

/// Connects to the first node of the address, reads the greeting, and disconnects. Each step takes
/// about 5 s at most.
///
/// # Errors
/// The broker was not reached. `memory:` is always reached.
pub async fn greet(address: &Address) -> Result<Option<Greeting>, Unreached> {
    let Address::Amqp(nodes) = address else { return Ok(None) };
    let node = nodes.node(0);
    // Looking up a name knows no deadline: a thread of its own, which nobody needs to wait for.
    let greeting = tokio::task::spawn_blocking(move || blocking(&node));
    match tokio::time::timeout(3 * CALL, greeting).await {
        Ok(Ok(greeting)) => greeting.map(Some),
        Ok(Err(_)) | Err(_) => Err(Unreached::Timeout),
    }
}

/// As [`greet`], each node of the address at the same time.
pub async fn greet_each(address: &Address) -> Vec<(Address, Result<Option<Greeting>, Unreached>)> {
    let nodes = address.each().into_iter();
    join_all(nodes.map(async |node| {
        let greeting = greet(&node).await;
        (node, greeting)
    }))
    .await
}

fn blocking(Node { uri, tls, .. }: &Node) -> Result<Greeting, Unreached> {
    let (host, port) = (uri.authority.host.as_str(), uri.authority.port);
    let peers = (host, port).to_socket_addrs().map_err(|e| Unreached::Name(e.to_string()))?;
    let (peer, plain) = connect(peers)?;
    let timed = plain.set_read_timeout(Some(CALL)).and(plain.set_write_timeout(Some(CALL)));
    timed.map_err(|error| Unreached::Refused(error.to_string()))?;
    let mut stream =
        TcpStream::from_std(plain).map_err(|error| Unreached::Refused(error.to_string()))?;
    let encrypted = uri.scheme == AMQPScheme::AMQPS;
    if encrypted {
        let files = tls.read().map_err(|error| Unreached::Tls(error.to_string()))?;
        let tls = stream.into_tls(host, files.as_ref());
        stream = tls.map_err(|error| Unreached::Tls(error.to_string()))?;
    }
    let start = read_start(&mut stream).map_err(|error| match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Unreached::Timeout,
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof if !encrypted => {
            Unreached::NotAmqp(error.to_string())
        }
        _ if encrypted => Unreached::Tls(error.to_string()),
        _ => Unreached::NotAmqp(error.to_string()),
    })?;
    let word = |key| word(&start.server_properties, key);
    Ok(Greeting { peer, encrypted, product: word("product"), version: word("version") })
}

/// Connects to the first address of the name that accepts.
fn connect(
    peers: impl Iterator<Item = SocketAddr>,
) -> Result<(SocketAddr, std::net::TcpStream), Unreached> {
    let mut last = Unreached::Name("it has no address".to_owned());
    for peer in peers.take(8) {
        match std::net::TcpStream::connect_timeout(&peer, CALL) {
            Ok(stream) => return Ok((peer, stream)),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => last = Unreached::Timeout,
            Err(error) => last = Unreached::Refused(format!("{peer}: {error}")),
        }
    }
    Err(last)
}

/// A frame: its kind (1: a method), its channel, the size of its payload, the payload, its end.
fn read_start(stream: &mut (impl Read + Write)) -> io::Result<connection::Start> {
    let strange = || io::Error::new(io::ErrorKind::InvalidData, "the answer is another protocol's");
    stream.write_all(b"AMQP\x00\x00\x09\x01")?;
    let mut head = [0; 7];
    stream.read_exact(&mut head)?;
    let [1, 0, 0, size @ ..] = head else { return Err(strange()) };
    let size = u64::from(u32::from_be_bytes(size));
    let mut payload = Vec::new();
    stream.take(size.min(64 * 1024)).read_to_end(&mut payload)?;
    match parse_class(payload.as_slice()) {
        Ok((_, AMQPClass::Connection(connection::AMQPMethod::Start(start)))) => Ok(start),
        _ => Err(strange()),
    }
}

fn word(properties: &FieldTable, key: &str) -> String {
    match properties.inner().get(key) {
        Some(AMQPValue::LongString(text)) => {
            let text = String::from_utf8_lossy(text.as_bytes());
            text.chars().filter(|c| !c.is_control()).take(64).collect()
        }
        _ => String::new(),
    }
}
