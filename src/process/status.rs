//! The status listener of a worker: `/livez` and `/readyz` for orchestrators, `/metrics` for
//! Prometheus.

use std::convert::Infallible;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use bus::{Health, State};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use store::{Error, SchemaState, Store};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::listener;
use crate::cli::Status;
use crate::settings::{Setting, WrongSetting};

/// The most connections at a time; more of them wait.
const CONNECTIONS: usize = 16;
/// The most connections at a time that read the metrics; the others stay free for probes.
const SCRAPES: usize = 4;
/// How long one connection may take in total.
const DEADLINE: Duration = Duration::from_secs(5);
/// How long the database may take to answer.
const LOOK: Duration = Duration::from_secs(2);

/// How long an answer about the database is used again.
const FRESH: Duration = Duration::from_secs(1);
const STATUS: Setting = Setting::new("--status", "SPYMISSION_STATUS");

/// What decides whether a worker is ready.
pub(crate) struct Readiness {
    /// The state of the role's session, which names what the role waits for.
    pub(crate) health: Health,
    /// Cancelled when the role stops.
    pub(crate) stop: CancellationToken,
    /// The database, if the role needs one.
    pub(crate) database: Option<Database>,
}

impl Readiness {
    /// Why the worker is not ready, if so. It is ready when it consumes and its database answers.
    async fn why_not(&self) -> Option<String> {
        if self.stop.is_cancelled() {
            return Some("it is stopping".to_owned());
        }
        if let Some(database) = &self.database
            && let Some(why) = database.why_not().await
        {
            return Some(format!("database: {why}"));
        }
        match self.health.state() {
            State::Up | State::Degraded(_) => None,
            State::Waiting(why) => Some(why),
        }
    }

    /// The answer of a ready role. It is degraded if it consumes while something is missing.
    fn ready(&self) -> Value {
        match self.health.state() {
            State::Degraded(why) => json!({"status": "degraded", "why": why}),
            State::Up | State::Waiting(_) => json!({"status": "ready"}),
        }
    }
}

/// A database that is checked at most once a second, whatever the number of readiness probes.
pub(crate) struct Database {
    store: Store,
    last: Mutex<Option<(Instant, Option<&'static str>)>>,
}

impl Database {
    /// This database; it was not checked yet.
    pub(crate) fn new(store: Store) -> Self {
        Self { store, last: Mutex::new(None) }
    }

    /// Why it cannot be used, if so. The reason is a category: the database's own words may name
    /// users and hosts, and are in the log.
    async fn why_not(&self) -> Option<&'static str> {
        let mut last = self.last.lock().await;
        if let Some((asked, answer)) = *last
            && asked.elapsed() < FRESH
        {
            return answer;
        }
        let answer = match tokio::time::timeout(LOOK, self.store.schema()).await {
            Ok(Ok(SchemaState::Current | SchemaState::Newer)) => None,
            Ok(Ok(SchemaState::Older)) => Some("its tables are older: run `spymission migrate`"),
            Ok(Err(Error::Unavailable(_))) | Err(_) => Some("unavailable"),
            Ok(Err(Error::Schema(_))) => Some("its tables do not fit: run `spymission migrate`"),
            Ok(Err(Error::Configuration(_))) => Some("the login failed: run `spymission check`"),
        };
        *last = Some((Instant::now(), answer));
        answer
    }
}

/// Opens the status listener, if the setting names one. It serves until the returned handle is
/// dropped.
///
/// # Errors
/// The port cannot be opened.
pub(crate) async fn listen(
    status: &Status,
    readiness: Readiness,
) -> Result<Option<AbortOnDropHandle<()>>, WrongSetting> {
    let Some(place) = &status.status else { return Ok(None) };
    let (listener, _) = listener::open(place, STATUS).await?;
    Ok(Some(AbortOnDropHandle::new(tokio::spawn(serve(listener, Arc::new(readiness))))))
}

async fn serve(listener: TcpListener, readiness: Arc<Readiness>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let scrapes = Arc::new(Semaphore::new(SCRAPES));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let (readiness, scrapes) = (Arc::clone(&readiness), Arc::clone(&scrapes));
                tokio::spawn(async move {
                    let serving = connection(stream, &readiness, &scrapes);
                    let _ = tokio::time::timeout(DEADLINE, serving).await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, readiness: &Readiness, scrapes: &Arc<Semaphore>) {
    // A connection has one request, and keeps its place until the response has left.
    let place = std::sync::Mutex::new(None);
    let service = service_fn(|request: Request<Incoming>| {
        let place = &place;
        async move {
            if request.uri().path() != "/metrics" {
                return Ok::<_, Infallible>(answer(readiness, &request).await);
            }
            let free = Arc::clone(scrapes).try_acquire_owned().ok();
            let response = metrics(request.method(), free.is_some());
            *place.lock().unwrap_or_else(PoisonError::into_inner) = free;
            Ok(response)
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).keep_alive(false);
    if let Err(error) = http.serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "a connection to the status listener ended badly");
    }
}

async fn answer(readiness: &Readiness, request: &Request<Incoming>) -> Response<String> {
    let (code, body) = match (request.method(), request.uri().path()) {
        (&Method::GET | &Method::HEAD, "/livez") => (StatusCode::OK, "live\n".to_owned()),
        (&Method::GET | &Method::HEAD, "/readyz") => match readiness.why_not().await {
            None => (StatusCode::OK, readiness.ready().to_string()),
            Some(why) => {
                let body = json!({"status": "not ready", "why": why}).to_string();
                (StatusCode::SERVICE_UNAVAILABLE, body)
            }
        },
        (_, "/livez" | "/readyz") => (StatusCode::METHOD_NOT_ALLOWED, "GET or HEAD\n".to_owned()),
        _ => (StatusCode::NOT_FOUND, "use /livez, /readyz or /metrics\n".to_owned()),
    };
    with(code, body)
}

fn metrics(method: &Method, free: bool) -> Response<String> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return with(StatusCode::METHOD_NOT_ALLOWED, "GET or HEAD\n".to_owned());
    }
    if !free {
        let why = format!("{SCRAPES} others read the metrics at the moment\n");
        return with(StatusCode::SERVICE_UNAVAILABLE, why);
    }
    let text = telemetry::text(std::time::Instant::now());
    let mut response = with(StatusCode::OK, String::from_utf8_lossy(&text).into_owned());
    let openmetrics = HeaderValue::from_static(telemetry::CONTENT_TYPE);
    response.headers_mut().insert(CONTENT_TYPE, openmetrics);
    response
}

fn with(code: StatusCode, body: String) -> Response<String> {
    let mut response = Response::new(body);
    *response.status_mut() = code;
    response
}
