//! TLS: one authority to trust, or those that this machine trusts.

use std::io;
use std::sync::Arc;

use rustls_platform_verifier::BuilderVerifierExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::WantsClientCert;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};

/// The name that a certificate has to have, and how it is checked.
#[derive(Clone)]
pub(super) struct Tls {
    name: ServerName<'static>,
    connector: TlsConnector,
}

impl Tls {
    /// Trusts certificates for `name` that `authority` (PEM) signed.
    pub(super) fn trusting(name: &str, authority: &[u8]) -> io::Result<Self> {
        let mut roots = RootCertStore::empty();
        let authority = CertificateDer::from_pem_slice(authority).map_err(io::Error::other)?;
        roots.add(authority).map_err(io::Error::other)?;
        Self::new(name, builder()?.with_root_certificates(roots))
    }

    /// Trusts certificates for `name` as this machine does.
    pub(super) fn of_this_machine(name: &str) -> io::Result<Self> {
        Self::new(name, builder()?.with_platform_verifier().map_err(io::Error::other)?)
    }

    fn new(name: &str, config: ConfigBuilder<ClientConfig, WantsClientCert>) -> io::Result<Self> {
        let connector = TlsConnector::from(Arc::new(config.with_no_client_auth()));
        let name = ServerName::try_from(name.to_owned()).map_err(io::Error::other)?;
        Ok(Self { name, connector })
    }

    pub(super) async fn connect(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.connector.connect(self.name.clone(), stream).await
    }
}

fn builder() -> io::Result<ConfigBuilder<ClientConfig, WantsVerifier>> {
    ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)
}
