//! Who may, and in whose name it is done.

use std::sync::Arc;

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::response::Response;
use schemas::dead_letter::Who;

use crate::edge::client::{Client, Peer};
use crate::operations::page::OperationsPage;
use crate::representation::Format;
use crate::shared::Shared;

/// What the handlers of these addresses need.
pub(crate) struct DeadLetters {
    pub(super) shared: Arc<Shared>,
    pub(super) page: Arc<OperationsPage>,
}

/// How a handler takes it.
pub(super) type Here = State<Arc<DeadLetters>>;

impl DeadLetters {
    pub(crate) fn new(shared: Arc<Shared>, page: Arc<OperationsPage>) -> Self {
        Self { shared, page }
    }
}

/// Somebody who may do it.
pub(crate) struct Operator(Client);

impl Operator {
    /// In whose name something is done: the given one, or where it was sent from.
    pub(super) fn who(&self, given: Option<Who>) -> Who {
        let from = || format!("operator at {}", self.0).parse().unwrap_or_else(|_| Who::unknown());
        given.unwrap_or_else(from)
    }
}

impl FromRequestParts<Arc<DeadLetters>> for Operator {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        letters: &Arc<DeadLetters>,
    ) -> Result<Self, Response> {
        let peer = parts.extensions.get::<Peer>().copied();
        let format = Format::preferred(&parts.headers, &[Format::Json, Format::Html]);
        let admitted = letters.page.admit(&parts.method, &parts.headers, peer, format);
        admitted.map(Self).map_err(|refused| *refused)
    }
}
