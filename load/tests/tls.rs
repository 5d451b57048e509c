//! The load generator against a server that speaks TLS.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::net::SocketAddr;
use std::sync::Arc;

use load::{Endpoint, Load, Stop};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// For `localhost`, until 2126; made by `openssl req -x509`.
const CERTIFICATE: &[u8] = include_bytes!("tls/localhost.pem");
const KEY: &[u8] = include_bytes!("tls/localhost.key");

const REPLY: &[u8] = b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}";

/// Answers everything with 201.
async fn server() -> SocketAddr {
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE).unwrap();
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut stream = acceptor.accept(stream).await?;
                let mut request = [0; 1024];
                while stream.read(&mut request).await? > 0 {
                    stream.write_all(REPLY).await?;
                    stream.flush().await?;
                }
                std::io::Result::Ok(())
            });
        }
    });
    addr
}

#[tokio::test]
async fn a_server_with_a_certificate_to_trust_gets_the_load() {
    let endpoint = Endpoint::tls(server().await, "localhost", CERTIFICATE).unwrap();
    let report = load::start(Load::new(endpoint, 2), Stop::Requests(100)).finish().await;
    assert_eq!(report.without_failure(), Ok(()));
    assert_eq!(report.status(201), 100);
}

#[tokio::test]
async fn a_server_that_proves_to_be_another_gets_nothing() {
    let endpoint = Endpoint::tls(server().await, "example.org", CERTIFICATE).unwrap();
    let report = load::start(Load::new(endpoint, 1), Stop::Requests(2)).finish().await;
    assert_eq!((report.errors, report.status(201)), (2, 0));
}
