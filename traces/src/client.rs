//! The HTTP client of the export.

use std::env::{self, VarError};
use std::time::Duration;

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{
    OTEL_EXPORTER_OTLP_TIMEOUT, OTEL_EXPORTER_OTLP_TIMEOUT_DEFAULT,
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT,
};
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
        // The exporter has a deadline only for clients that it makes itself.
        let client = reqwest::Client::builder().timeout(deadline(env::var)).build()?;
        Ok(Self { client, runtime: Handle::current() })
    }
}

#[async_trait]
impl HttpClient for OnRuntime {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        self.runtime.spawn(async move { client.send_bytes(request).await }).await?
    }
}

/// How long one export may take: milliseconds in the usual variables, the one for traces first.
fn deadline(variable: impl Fn(&'static str) -> Result<String, VarError>) -> Duration {
    let set = [OTEL_EXPORTER_OTLP_TRACES_TIMEOUT, OTEL_EXPORTER_OTLP_TIMEOUT].into_iter();
    let millis = set.filter_map(|name| variable(name).ok()?.trim().parse().ok()).next();
    millis.map_or(OTEL_EXPORTER_OTLP_TIMEOUT_DEFAULT, Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_has_a_deadline_also_when_nobody_set_one() {
        let unset = |_| Err(VarError::NotPresent);
        assert_eq!(deadline(unset), Duration::from_secs(10));
        let both = |name| Ok(if name == OTEL_EXPORTER_OTLP_TIMEOUT { "1" } else { "2000" }.into());
        assert_eq!(deadline(both), Duration::from_secs(2));
        let wrong = |_| Ok("soon".to_owned());
        assert_eq!(deadline(wrong), Duration::from_secs(10));
    }
}
