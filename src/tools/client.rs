//! The tools' HTTP client.

use reqwest::ClientBuilder;

/// A builder for a client. Its TLS is the one that lapin and sqlx use.
pub(crate) fn builder() -> ClientBuilder {
    // reqwest needs a default for the process. If one was installed before, it is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
}
