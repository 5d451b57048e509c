//! The HTTP client of the tools.

use reqwest::ClientBuilder;

/// A client to be built; it speaks TLS with the provider that lapin and sqlx use, too.
pub(crate) fn builder() -> ClientBuilder {
    // reqwest insists on one for the process. Whoever was first has chosen the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
}
