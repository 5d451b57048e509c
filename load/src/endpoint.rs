//! Where a load is sent: plain HTTP, or HTTP over TLS.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::report::Wanted;
use super::tls::Tls;

/// A connection to an endpoint.
pub(super) type Connection = Box<dyn ReadWrite>;

/// Bytes in both directions.
pub(super) trait ReadWrite: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> ReadWrite for T {}

/// The address of a gateway, or of the proxy before it.
#[derive(Clone)]
pub struct Endpoint {
    addr: SocketAddr,
    tls: Option<Tls>,
    /// The value of the `Host` header.
    host: String,
    /// Where missions are requested.
    path: String,
    /// What is read instead, one path after the other.
    pages: Option<Arc<[String]>>,
}

impl From<SocketAddr> for Endpoint {
    fn from(addr: SocketAddr) -> Self {
        let (host, path) = (addr.to_string(), "/missions".to_owned());
        Self { addr, tls: None, host, path, pages: None }
    }
}

impl Endpoint {
    /// A server at `addr` with a certificate for `name` that `authority` (PEM) signed.
    ///
    /// # Errors
    /// The name or the certificate cannot be read.
    pub fn tls(addr: SocketAddr, name: &str, authority: &[u8]) -> io::Result<Self> {
        let tls = Some(Tls::trusting(name, authority)?);
        Ok(Self { tls, host: name.to_owned(), ..addr.into() })
    }

    /// A server at `addr` with a certificate for `name` that this machine trusts.
    ///
    /// # Errors
    /// The name or the certificates of this machine cannot be read.
    pub fn https(addr: SocketAddr, name: &str) -> io::Result<Self> {
        let tls = Some(Tls::of_this_machine(name)?);
        Ok(Self { tls, host: name.to_owned(), ..addr.into() })
    }

    /// The same with this `Host` header, and this path at which missions are requested.
    #[must_use]
    pub fn at(self, host: &str, path: &str) -> Self {
        Self { host: host.to_owned(), path: path.to_owned(), ..self }
    }

    /// The same for a load that reads: it sends `GET` for these paths in turn, and wants status 200.
    #[must_use]
    pub fn reading(self, paths: impl IntoIterator<Item = String>) -> Self {
        Self { pages: Some(paths.into_iter().collect()), ..self }
    }

    /// Opens a connection, and closes it.
    ///
    /// # Errors
    /// Nobody listens there, or the certificate is not trusted.
    pub async fn reach(&self) -> io::Result<()> {
        self.connect().await.map(drop)
    }

    /// The bytes of the requests that are sent in turn.
    pub(super) fn requests(&self) -> Vec<String> {
        let Self { host, path, pages, .. } = self;
        let read = |path| format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        match pages {
            Some(pages) => pages.iter().map(read).collect(),
            None => {
                vec![format!("POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n")]
            }
        }
    }

    /// The status of the reply that is wanted.
    pub(super) fn wanted(&self) -> Wanted {
        self.pages.as_ref().map_or(Wanted::default(), |_| Wanted(200))
    }

    /// A new connection.
    pub(super) async fn connect(&self) -> io::Result<Connection> {
        let stream = TcpStream::connect(self.addr).await?;
        stream.set_nodelay(true)?;
        match &self.tls {
            Some(tls) => Ok(Box::new(tls.connect(stream).await?)),
            None => Ok(Box::new(stream)),
        }
    }
}
