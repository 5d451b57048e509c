//! What the edge has learned of a request, for its handler.

use std::convert::Infallible;

use axum::Extension;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use traces::Context;

use super::client::Peer;
use super::rate::Account;

/// What the edge has learned of a request.
pub(crate) struct Known {
    /// Who is at the other end of the connection.
    pub(crate) peer: Option<Extension<Peer>>,
    /// What the client may still request, if its rate is limited.
    pub(crate) account: Option<Account>,
    /// The span of the request, if spans are exported.
    pub(crate) span: Option<Context>,
}

impl<S: Sync> FromRequestParts<S> for Known {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let known = &parts.extensions;
        Ok(Self {
            peer: known.get::<Peer>().copied().map(Extension),
            account: known.get().cloned(),
            span: known.get().copied(),
        })
    }
}
