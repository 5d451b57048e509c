//! The HTTP client of the export.

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use tokio::runtime::Handle;

/// Sends from the export's own thread: the requests themselves run on the runtime of the process.
#[derive(Debug)]
pub(crate) struct OnRuntime {
    client: reqwest::Client,
    runtime: Handle,
}

impl OnRuntime {
    /// To be called on the runtime. Its TLS is the one that lapin and sqlx use.
    ///
    /// # Errors
    /// The client cannot be made.
    pub(crate) fn new() -> Result<Self, reqwest::Error> {
        // reqwest needs a default for the process. If one was installed before, it is the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Ok(Self { client: reqwest::Client::builder().build()?, runtime: Handle::current() })
    }
}

#[async_trait]
impl HttpClient for OnRuntime {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        self.runtime.spawn(async move { client.send_bytes(request).await }).await?
    }
}
