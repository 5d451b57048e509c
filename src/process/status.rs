//! The status listener of a worker: `/livez` and `/readyz` for whoever watches over the process.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bus::{Health, State};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use store::{SchemaState, Store};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::listener;
use crate::cli::Status;
use crate::settings::{Setting, WrongSetting};

/// Connections at a time; more wait.
const CONNECTIONS: usize = 16;
/// How long one connection may take in all.
const DEADLINE: Duration = Duration::from_secs(5);
/// How long the database is looked at.
const LOOK: Duration = Duration::from_secs(2);

const STATUS: Setting = Setting::new("--status", "SPYMISSION_STATUS");

/// What readiness is read from.
pub(crate) struct Readiness {
    /// The role's session.
    pub(crate) health: Health,
    /// Whether the role was told to stop.
    pub(crate) stop: CancellationToken,
    /// The database, of a role that cannot work without it.
    pub(crate) store: Option<Store>,
}

impl Readiness {
    /// Why it is not ready, if it is not: ready means that it consumes and, where there is a
    /// database, that it answers.
    async fn why_not(&self) -> Option<String> {
        if self.stop.is_cancelled() {
            return Some("it stops".to_owned());
        }
        if let Some(store) = &self.store {
            let away = match tokio::time::timeout(LOOK, store.schema()).await {
                Ok(Ok(SchemaState::Current | SchemaState::Newer)) => None,
                Ok(Ok(SchemaState::Older)) => Some("older: run `spymission migrate`".to_owned()),
                Ok(Err(error)) => Some(error.to_string()),
                Err(_) => Some(format!("no answer within {} s", LOOK.as_secs())),
            };
            if let Some(why) = away {
                return Some(format!("database: {why}"));
            }
        }
        match self.health.state() {
            State::Up => None,
            State::Waiting(why) => Some(why),
        }
    }
}

/// Listens where the setting says, if it says so, until what is returned is dropped.
///
/// # Errors
/// The port cannot be had.
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
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let readiness = Arc::clone(&readiness);
                tokio::spawn(async move {
                    let _ = tokio::time::timeout(DEADLINE, connection(stream, readiness)).await;
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

async fn connection(stream: TcpStream, readiness: Arc<Readiness>) {
    let service = service_fn(|request| {
        let readiness = Arc::clone(&readiness);
        async move { Ok::<_, Infallible>(answer(&readiness, &request).await) }
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
            None => (StatusCode::OK, json!({"status": "ready"}).to_string()),
            Some(why) => {
                let body = json!({"status": "not ready", "why": why}).to_string();
                (StatusCode::SERVICE_UNAVAILABLE, body)
            }
        },
        (_, "/livez" | "/readyz") => (StatusCode::METHOD_NOT_ALLOWED, "GET or HEAD\n".to_owned()),
        _ => (StatusCode::NOT_FOUND, "there are /livez and /readyz\n".to_owned()),
    };
    let mut response = Response::new(body);
    *response.status_mut() = code;
    response
}
