//! Requests from inside this process instead of a listener: for simulations, which have no sockets.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use http_body_util::BodyExt;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::edge::serve::{Compressed, Edge};

/// A request, and who waits for its answer. When nobody does, its client has hung up.
pub struct Call {
    /// The method.
    pub method: &'static str,
    /// Path and query.
    pub path: String,
    /// Its headers.
    pub headers: Vec<(&'static str, String)>,
    /// Its body.
    pub body: Vec<u8>,
    /// Who waits.
    pub caller: oneshot::Sender<Answer>,
}

/// The answer to a [`Call`].
pub struct Answer(Response<Compressed>);

impl Answer {
    /// The status.
    pub fn status(&self) -> u16 {
        self.0.status().as_u16()
    }

    /// The next piece of its body; `None` at its end. Cancel safe.
    pub async fn next(&mut self) -> Option<Bytes> {
        loop {
            let frame = self.0.body_mut().frame().await?.ok()?;
            if let Ok(data) = frame.into_data() {
                return Some(data);
            }
        }
    }

    /// Its whole body.
    pub async fn body(mut self) -> Vec<u8> {
        let mut body = Vec::new();
        while let Some(data) = self.next().await {
            body.extend_from_slice(&data);
        }
        body
    }
}

/// Answers calls until `stop`, and then those that have begun.
pub(crate) async fn serve(
    mut calls: mpsc::Receiver<Call>,
    edge: Arc<Edge>,
    stop: &CancellationToken,
) {
    let mut running = FuturesUnordered::new();
    let mut open = true;
    while open || !running.is_empty() {
        tokio::select! {
            biased;
            () = stop.cancelled(), if open => open = false,
            Some(()) = running.next() => {}
            call = calls.recv(), if open => match call {
                Some(call) => running.push(answer(call, &edge)),
                None => open = false,
            },
        }
    }
}

async fn answer(call: Call, edge: &Edge) {
    let Call { method, path, headers, body, mut caller } = call;
    let mut request = Request::builder().method(method).uri(path).header("host", "inside");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let Ok(request) = request.body(Body::from(body)) else { return }; // it cannot be sent
    let answer = tokio::select! {
        biased;
        () = caller.closed() => return,
        answer = edge.serve(request) => answer,
    };
    drop(caller.send(Answer(answer)));
}
