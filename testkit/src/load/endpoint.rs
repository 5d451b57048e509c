//! Where a load is sent: plain HTTP, or HTTP over TLS.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// A connection to an endpoint.
pub(super) type Connection = Box<dyn ReadWrite>;

/// Bytes in both directions.
pub(super) trait ReadWrite: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> ReadWrite for T {}

/// The address of a gateway, or of the proxy before it.
#[derive(Clone)]
pub struct Endpoint {
    addr: SocketAddr,
    #[cfg(feature = "tls")]
    tls: Option<tls::Tls>,
}

impl From<SocketAddr> for Endpoint {
    fn from(addr: SocketAddr) -> Self {
        #[cfg(feature = "tls")]
        return Self { addr, tls: None };
        #[cfg(not(feature = "tls"))]
        Self { addr }
    }
}

impl Endpoint {
    /// The value of the `Host` header.
    pub(super) fn host(&self) -> String {
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            return tls.host();
        }
        self.addr.to_string()
    }

    /// A new connection.
    ///
    /// # Errors
    /// Nobody listens there, or the certificate is not trusted.
    pub(super) async fn connect(&self) -> io::Result<Connection> {
        let stream = TcpStream::connect(self.addr).await?;
        stream.set_nodelay(true)?;
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            return Ok(Box::new(tls.connect(stream).await?));
        }
        Ok(Box::new(stream))
    }
}

/// TLS, with one authority to trust.
#[cfg(feature = "tls")]
mod tls {
    use std::io;
    use std::net::SocketAddr;
    use std::sync::Arc;

    use tokio::net::TcpStream;
    use tokio_rustls::TlsConnector;
    use tokio_rustls::client::TlsStream;
    use tokio_rustls::rustls::crypto::ring::default_provider;
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
    use tokio_rustls::rustls::{ClientConfig, RootCertStore};

    use super::Endpoint;

    #[derive(Clone)]
    pub(super) struct Tls {
        name: ServerName<'static>,
        connector: TlsConnector,
    }

    impl Tls {
        pub(super) fn host(&self) -> String {
            self.name.to_str().into_owned()
        }

        pub(super) async fn connect(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
            self.connector.connect(self.name.clone(), stream).await
        }
    }

    impl Endpoint {
        /// A server at `addr` with a certificate for `name` that `authority` (PEM) signed.
        ///
        /// # Errors
        /// The name or the certificate cannot be read.
        pub fn tls(addr: SocketAddr, name: &str, authority: &[u8]) -> io::Result<Self> {
            let mut roots = RootCertStore::empty();
            let authority = CertificateDer::from_pem_slice(authority).map_err(io::Error::other)?;
            roots.add(authority).map_err(io::Error::other)?;
            let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(io::Error::other)?
                .with_root_certificates(roots)
                .with_no_client_auth();
            let connector = TlsConnector::from(Arc::new(config));
            let name = ServerName::try_from(name.to_owned()).map_err(io::Error::other)?;
            Ok(Self { addr, tls: Some(Tls { name, connector }) })
        }
    }
}
