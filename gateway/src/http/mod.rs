//! The edge: what HTTP says and what is said back. Whatever goes wrong is a problem object
//! (RFC 9457) that names the field and the fix.

mod answer;
mod ask;
mod client;
mod coding;
mod cors;
mod deadlines;
mod layers;
mod places;
mod query;
mod rate;
mod read;
mod ready;
mod request_id;
mod server;
mod wish;

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bus::Health;
use schemas::{Problem, ProblemKind};
use store::Store;
use tokio_util::sync::CancellationToken;

use crate::{Config, Desk};
use answer::Refusal;
pub use client::Proxies;
pub use cors::Origins;
pub use rate::Rate;
pub(crate) use server::serve;

/// What every handler needs.
pub(crate) struct Edge {
    pub(crate) desk: Arc<Desk>,
    pub(crate) store: Store,
    pub(crate) config: Config,
    pub(crate) health: Health,
    pub(crate) stop: CancellationToken,
}

type Here = State<Arc<Edge>>;

/// The addresses, and nothing else.
fn router(edge: Arc<Edge>) -> Router {
    let wrong_method = |allowed: &'static str| move |method: Method| refuse_method(method, allowed);
    let json = middleware::from_fn(accepts_json);
    let missions =
        post(ask::post_missions).get(read::list).fallback(wrong_method("GET, HEAD, POST"));
    let mission = get(read::mission).fallback(wrong_method("GET, HEAD"));
    Router::new()
        .route("/missions", missions)
        .route("/missions/{id}", mission)
        .layer(json)
        .route("/", get(welcome).fallback(wrong_method("GET, HEAD")))
        .route("/livez", get(|| async { "live\n" }).fallback(wrong_method("GET, HEAD")))
        .route("/readyz", get(ready::readyz).fallback(wrong_method("GET, HEAD")))
        .route("/problems/{word}", get(problem_page).fallback(wrong_method("GET, HEAD")))
        .fallback(nothing_here)
        .with_state(edge)
}

const WELCOME: &str = "spymission generates missions for spies.

  curl -X POST /missions                  a mission, stored before you read it
  curl -X POST /missions --json '{\"count\": 3}'   several at once, 1 to 256
  curl /missions                          the newest, ?limit= and ?cursor= to walk
  curl /missions/{id}                     one
  curl /readyz                            whether this gateway can take requests
";

async fn welcome() -> &'static str {
    WELCOME
}

/// The page behind a problem's `type`.
async fn problem_page(word: Result<Path<String>, PathRejection>) -> Result<String, Refusal> {
    let kind = word.ok().and_then(|Path(word)| ProblemKind::parse(&word)).ok_or_else(|| {
        Refusal::from(Problem::new(ProblemKind::NotFound, "there is no problem of this name"))
    })?;
    Ok(format!("{} ({})\n\n{}\n{}\n", kind.word(), kind.status(), kind.title(), kind.remedy()))
}

async fn nothing_here() -> Refusal {
    let detail = "the addresses are /missions, /missions/{id}, /livez and /readyz";
    Problem::new(ProblemKind::NotFound, detail).into()
}

/// What an address knows beside its own methods is OPTIONS, which tells them.
async fn refuse_method(method: Method, allowed: &'static str) -> Response {
    let allow = [(header::ALLOW, format!("{allowed}, OPTIONS"))];
    if method == Method::OPTIONS {
        return (StatusCode::NO_CONTENT, allow).into_response();
    }
    let detail = format!("{method} is not for this address: use {allowed}");
    let refusal = Refusal::from(Problem::new(ProblemKind::MethodNotAllowed, detail));
    (allow, refusal).into_response()
}

/// Missions are JSON: whoever accepts none of it is told so before anything is done.
async fn accepts_json(request: Request, next: Next) -> Response {
    let mut accepted = request.headers().get_all(header::ACCEPT).iter().peekable();
    let json = |value: &HeaderValue| value.to_str().is_ok_and(|v| v.split(',').any(is_json));
    if accepted.peek().is_none() || accepted.any(json) {
        return next.run(request).await;
    }
    let detail = "missions come as application/json: accept that";
    Refusal::from(Problem::new(ProblemKind::NotAcceptable, detail)).into_response()
}

fn is_json(range: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default().to_ascii_lowercase();
    let refused = parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
    matches!(media.as_str(), "*/*" | "application/*" | "application/json") && !refused
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Self { problem, headers } = self;
        let status = StatusCode::from_u16(problem.kind().status())
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let json = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut body = serde_json::to_vec(&problem).unwrap_or_default(); // it cannot fail
        body.push(b'\n');
        (status, json, axum::response::AppendHeaders(headers), body).into_response()
    }
}
