//! `/operations`: the page, the same as JSON, its stream of events, and the login.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemas::{Problem, ProblemKind};
use serde::Deserialize;

use super::access::{Access, Denied};
use super::live::Live;
use crate::drills::Exercise;
use crate::edge::client::{Client, Peer, share_of};
use crate::edge::cross_site::is_foreign;
use crate::event_stream;
use crate::missions::body;
use crate::pages::operations as pages;
use crate::representation::{Format, Refusal, json};
use crate::shared::Shared;

/// What the handlers of this page need.
pub(crate) struct OperationsPage {
    shared: Arc<Shared>,
    access: Access,
    live: Arc<Live>,
}

/// How a handler takes it.
pub(super) type Here = State<Arc<OperationsPage>>;

impl OperationsPage {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let access = Access::new(shared.config.operators.clone(), shared.config.clock);
        let live = Arc::new(Live::new(Arc::clone(&shared.observer)));
        Self { shared, access, live }
    }

    /// Lets an operator pass, and says from where the request comes.
    ///
    /// # Errors
    /// The response for anybody else: a page to log in, or a problem.
    pub(crate) fn admit(
        &self,
        method: &Method,
        headers: &HeaderMap,
        peer: Option<Peer>,
        format: Option<Format>,
    ) -> Result<Client, Box<Response>> {
        let client = Client::who_sent(peer, headers, &self.shared.config.limits.proxies);
        match self.access.check(method, headers, client) {
            Ok(()) => Ok(client),
            Err(Denied::NoToken) if format == Some(Format::Html) => Err(login_page(None).into()),
            Err(denied) => Err(refusal(denied).into_response().into()),
        }
    }

    /// Whether whoever sent this may see the page and act.
    ///
    /// # Errors
    /// Why not, as a response.
    pub(super) fn permit(
        &self,
        peer: Option<Extension<Peer>>,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<(), Refusal> {
        self.access.check(method, headers, self.client(peer, headers)).map_err(refusal)
    }

    /// The drills of this gateway, if it has any.
    pub(super) fn exercise(&self) -> Option<&Exercise> {
        self.shared.exercise.as_deref()
    }

    fn client(&self, peer: Option<Extension<Peer>>, headers: &HeaderMap) -> Client {
        let peer = peer.map(|Extension(peer)| peer);
        Client::who_sent(peer, headers, &self.shared.config.limits.proxies)
    }
}

/// `GET /operations`.
pub(crate) async fn page(
    State(page): Here,
    peer: Option<Extension<Peer>>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    const FORMATS: [Format; 2] = [Format::Json, Format::Html];
    let Some(format) = Format::preferred(&headers, &FORMATS) else {
        let detail = "the page comes as text/html or application/json: accept one";
        return Err(Problem::new(ProblemKind::NotAcceptable, detail).into());
    };
    let client = page.client(peer, &headers);
    match page.access.check(&method, &headers, client) {
        Ok(()) => {}
        Err(Denied::NoToken) if format == Format::Html => return Ok(login_page(None)),
        Err(denied) => return Err(refusal(denied)),
    }
    let state = page.shared.observer.operations().await;
    let body = match format {
        Format::Html => pages::page(&state, page.access.has_login()).into_bytes(),
        _ => json(&state),
    };
    Ok(([(header::CONTENT_TYPE, format.media_type())], body).into_response())
}

/// `GET /operations/events`.
pub(crate) async fn events(
    State(page): Here,
    peer: Option<Extension<Peer>>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    page.permit(peer, &method, &headers)?;
    let share = share_of(peer, &headers, &page.shared.config.limits.proxies);
    let (lasting, stop) = (page.shared.config.stream, &page.shared.stop);
    if method == Method::HEAD {
        return Ok(event_stream::head());
    }
    if stop.is_cancelled() {
        return Ok(event_stream::ended());
    }
    match Live::listen(&page.live, share) {
        Some(listener) => Ok(event_stream::response(listener, lasting, stop)),
        None => Err(event_stream::full("reload the page instead")),
    }
}

/// `POST /operations/login`.
pub(crate) async fn log_in(
    State(page): Here,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    #[derive(Deserialize)]
    struct Form {
        token: String,
    }
    let client = page.client(peer, &headers);
    if is_foreign(&headers) {
        return Err(refusal(Denied::Foreign));
    }
    let form = body::read(body).await?;
    let form: Form = serde_urlencoded::from_bytes(&form).map_err(|_| {
        Problem::new(ProblemKind::Invalid, "send the form: token=…, as a browser does")
    })?;
    match page.access.log_in(form.token.trim(), &headers, client) {
        Ok(cookie) => Ok(to_page(&cookie)),
        Err(Denied::WrongToken) => Ok(login_page(Some("That is not the token."))),
        Err(denied) => Err(refusal(denied)),
    }
}

/// `POST /operations/logout`.
pub(crate) async fn log_out(State(page): Here, headers: HeaderMap) -> Result<Response, Refusal> {
    if is_foreign(&headers) {
        return Err(refusal(Denied::Foreign));
    }
    page.access.log_out().map(|cookie| to_page(&cookie)).map_err(refusal)
}

/// 303 to the page.
fn to_page(cookie: &str) -> Response {
    let headers = [(header::LOCATION, "/operations"), (header::SET_COOKIE, cookie)];
    (StatusCode::SEE_OTHER, headers).into_response()
}

fn login_page(wrong: Option<&str>) -> Response {
    let headers = [(header::CONTENT_TYPE, Format::Html.media_type()), CHALLENGE];
    (StatusCode::UNAUTHORIZED, headers, pages::login(wrong)).into_response()
}

/// What a tool sends.
const CHALLENGE: (HeaderName, &str) = (header::WWW_AUTHENTICATE, "Bearer");

fn refusal(denied: Denied) -> Refusal {
    let (kind, detail) = match denied {
        Denied::Off => (
            ProblemKind::NotFound,
            "the operations page is off: this gateway does not listen on a loopback address, and \
             has no `--operator-token-file`",
        ),
        Denied::NotLocal => (
            ProblemKind::NotFound,
            "without `--operator-token-file` the operations page is for this machine only: open it \
             as http://localhost, not through a proxy",
        ),
        Denied::Foreign => (ProblemKind::CrossSite, "a page of another site asks for this"),
        Denied::NoToken => {
            (ProblemKind::Unauthorized, "send the operator's token: Authorization: Bearer …")
        }
        Denied::WrongToken => (ProblemKind::Unauthorized, "that is not the operator's token"),
        Denied::TooMany(_) => {
            (ProblemKind::RateLimited, "five wrong tokens in a minute: wait before the next one")
        }
    };
    let refusal = Refusal::from(Problem::new(kind, detail));
    match denied {
        Denied::TooMany(seconds) => refusal.with(header::RETRY_AFTER, &seconds.to_string()),
        Denied::NoToken | Denied::WrongToken => refusal.with(CHALLENGE.0, CHALLENGE.1),
        Denied::Off | Denied::NotLocal | Denied::Foreign => refusal,
    }
}
