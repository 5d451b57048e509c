//! The one function that every request passes. It calls the router once; there are no layers, so
//! nothing is boxed at each level.
//!
//! From the outside in: request id and access log, compression, CORS, headers that guard browsers,
//! the format of problems, early refusals, a net for panics, the router.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;
use tower::{Layer, Service, service_fn};
use tower_http::CompressionLevel;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::compression::{Compression, CompressionBody};
use tower_http::cors::CorsLayer;
use tracing::Instrument;
use uuid::Uuid;

use super::access_log::Line;
use super::announce::Announcer;
use super::client::{Client, Proxies};
use super::cors::Origins;
use super::rate::{Account, Limiter};
use super::reads::Reads;
use super::request_id::{self, REQUEST_ID};
use super::trace::RequestSpan;
use super::{coding, cors, cross_site, framing, guard, problems};
use crate::config::Config;
use crate::representation::Refusal;

/// A smaller body is not worth compressing: it fits one packet as it is.
const WORTH: u64 = 1024;

/// The body of a response, compressed if the client accepts that.
pub(crate) type Compressed = CompressionBody<Body>;

/// What every request passes, and the router behind it.
pub(crate) struct Edge {
    router: Router,
    new_id: fn() -> Uuid,
    clock: fn() -> OffsetDateTime,
    proxies: Proxies,
    announcer: Option<Announcer>,
    limiter: Option<Arc<Limiter>>,
    reads: Reads,
    cors: Option<CorsLayer>,
    origins: Option<Origins>,
    stop: CancellationToken,
}

impl Edge {
    /// The edge around this router. After `stop` every response closes its connection.
    pub(crate) fn new(router: Router, config: &Config, stop: &CancellationToken) -> Self {
        let limits = &config.limits;
        Self {
            router,
            new_id: config.new_id,
            clock: config.clock,
            limiter: limits.rate.map(|rate| Arc::new(Limiter::new(rate, Instant::now()))),
            reads: Reads::default(),
            cors: limits.origins.as_ref().map(cors::layer),
            origins: limits.origins.clone(),
            proxies: limits.proxies.clone(),
            announcer: config.announce.then(Announcer::default),
            stop: stop.clone(),
        }
    }

    /// What makes ids of requests.
    pub(crate) fn new_id(&self) -> fn() -> Uuid {
        self.new_id
    }

    /// Answers one request.
    pub(crate) async fn serve(&self, mut request: Request) -> Response<Compressed> {
        let id = request_id::of(request.headers(), self.new_id);
        let traced = RequestSpan::begin(&mut request, self.clock);
        let span = tracing::info_span!(
            "request",
            request_id = id.to_str().unwrap_or_default(),
            trace_id = traced.as_ref().map(|traced| tracing::field::display(traced.trace_id())),
        );
        let line = Line::of(&request, &self.proxies, self.announcer.as_ref());
        let (begun, method) = (Instant::now(), telemetry::Method::of(request.method().as_str()));
        let route = telemetry::Route::of(request.uri().path());
        let mut response = self.compress(request, &id).instrument(span.clone()).await;
        response.headers_mut().insert(REQUEST_ID, id);
        if self.stop.is_cancelled() {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        let status = telemetry::Status::of(response.status().as_u16());
        telemetry::process().http.of(method, route, status).record(begun.elapsed());
        if let Some(line) = line {
            line.write(&response, &span);
        }
        if let Some(traced) = traced {
            traced.end(&response);
        }
        response
    }

    async fn compress(&self, request: Request, id: &HeaderValue) -> Response<Compressed> {
        let inner = service_fn(|request| self.share(request, id).map(Ok::<_, Infallible>));
        let worth = SizeAbove::new(WORTH).and(NotForContentType::SSE);
        let compression = Compression::new(inner).quality(CompressionLevel::Fastest);
        let Ok(response) = compression.compress_when(worth).call(request).await;
        response
    }

    /// Answers preflights, and tells browsers which pages of other origins may read the response.
    async fn share(&self, mut request: Request, id: &HeaderValue) -> Response {
        let Some(cors) = &self.cors else { return self.guard(request, id).await };
        // tower-http takes every OPTIONS for a preflight: one that is none passes it as a GET.
        let is_preflight = request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        let hidden = request.method() == Method::OPTIONS && !is_preflight;
        if hidden {
            *request.method_mut() = Method::GET;
        }
        let inner = service_fn(|mut request: Request| {
            if hidden {
                *request.method_mut() = Method::OPTIONS;
            }
            self.guard(request, id).map(Ok::<_, Infallible>)
        });
        let Ok(response) = cors.layer(inner).call(request).await;
        response
    }

    /// Adds what browsers must know of every response; writes problems in the preferred format.
    async fn guard(&self, request: Request, id: &HeaderValue) -> Response {
        let asked = problems::Asked::of(&request);
        let mut response = match self.refused_early(&request) {
            Some(refusal) => refusal.into_response(),
            None => self.limit(request).await,
        };
        problems::write(&asked, id, &mut response);
        guard::add_headers(response.headers_mut());
        response
    }

    /// Why this request is refused before anything is done.
    fn refused_early(&self, request: &Request) -> Option<Refusal> {
        if let Some(problem) = framing::fault(request) {
            // Where the next request begins is unsure.
            return Some(Refusal::from(problem).with(header::CONNECTION, "close"));
        }
        if let Some(problem) = cross_site::fault(request, self.origins.as_ref()) {
            return Some(problem.into());
        }
        coding::refusal(request.headers())
    }

    /// Refuses a client that exceeds its rate.
    async fn limit(&self, mut request: Request) -> Response {
        let limiter = self.limiter.as_ref().filter(|_| Limiter::counts(&request));
        let Some(limiter) = limiter else { return self.share_reads(request).await };
        let client = Client::of(&request, &self.proxies);
        let balance = limiter.count(client, Instant::now());
        if let Some(refusal) = limiter.refused(&balance) {
            let mut response = refusal.into_response();
            limiter.tell(&balance, response.headers_mut());
            return response;
        }
        request.extensions_mut().insert(Account::new(limiter, client));
        let mut response = self.share_reads(request).await;
        limiter.tell(&limiter.look(client, Instant::now()), response.headers_mut());
        response
    }

    /// Has the reads of one client wait for one another, so that others find the database free.
    async fn share_reads(&self, request: Request) -> Response {
        if !Reads::are_shared(&request) {
            return self.route(request).await;
        }
        match self.reads.begin(Client::of(&request, &self.proxies)).await {
            Ok(_reading) => self.route(request).await,
            Err(refusal) => refusal.into_response(),
        }
    }

    /// Calls the router. A panic of a handler becomes a problem, and the connection lives on.
    /// (tower-http's `CatchPanic` would box every body; this boxes nothing.)
    async fn route(&self, request: Request) -> Response {
        let mut router = self.router.clone(); // one reference count
        let response = AssertUnwindSafe(router.call(request)).catch_unwind().await;
        match response {
            Ok(Ok(response)) => response,
            Err(panic) => problems::of_panic(&*panic).into_response(),
        }
    }
}

#[cfg(test)]
mod tests;
