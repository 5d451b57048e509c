//! `GET /missions/events`: missions as they come to stand, as server-sent events.

use axum::Extension;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Method, header};
use axum::response::{IntoResponse, Response};
use schemas::{Problem, ProblemKind};
use store::Cursor;

use crate::edge::client::{Peer, share_of};
use crate::feed::{Deaf, RETRY};
use crate::representation::Refusal;
use crate::shared::Here;

/// The header with which a client comes back: the `id` of the last event that it was told.
const LAST_EVENT_ID: &str = "last-event-id";

pub(crate) async fn events(
    State(edge): Here,
    peer: Option<Extension<Peer>>,
    method: Method,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    if query.is_some_and(|query| !query.is_empty()) {
        return Err(malformed("query: there are no parameters; the header Last-Event-ID resumes"));
    }
    let behind = last_event_id(&headers)?;
    let client = share_of(peer, &headers, &edge.config.limits.proxies);
    if method == Method::HEAD {
        return Ok(response(Body::empty()));
    }
    match edge.feed.listen(client, behind, edge.config.stream, &edge.stop).await {
        Ok(listener) => Ok(response(Body::from_stream(listener.stream()))),
        // A browser that is refused does not come back; one whose stream ends does.
        Err(Deaf::Stopping) => Ok(response(Body::from(format!("{RETRY}\n")))),
        Err(why) => Err(unavailable(&why)),
    }
}

fn response(body: Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE.as_str(), "text/event-stream"),
        (header::CACHE_CONTROL.as_str(), "no-store"),
        ("x-accel-buffering", "no"), // else nginx would collect the events
    ];
    (headers, body).into_response()
}

/// An empty one is what some clients send before they were told of anything.
fn last_event_id(headers: &HeaderMap) -> Result<Option<Cursor>, Refusal> {
    let mut values = headers.get_all(LAST_EVENT_ID).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) if value.is_empty() => Ok(None),
        (Some(value), None) => {
            let cursor = value.to_str().ok().and_then(|text| text.parse().ok());
            // None is before 1970, as in `cursor` of the list.
            let cursor = cursor.filter(|cursor: &Cursor| cursor.created_at.micros() >= 0);
            let fix = "take it unchanged from the `id` of an event, or leave it out for now";
            let wrong = || malformed(&format!("header `Last-Event-ID`: {fix}"));
            cursor.map(Some).ok_or_else(wrong)
        }
        (Some(_), Some(_)) => Err(malformed("header `Last-Event-ID`: it is there twice")),
    }
}

fn malformed(detail: &str) -> Refusal {
    Problem::new(ProblemKind::Malformed, detail).into()
}

fn unavailable(why: &Deaf) -> Refusal {
    let detail = match why {
        Deaf::Full => {
            "too many listen, in all or from this client; listen at another gateway, or later"
        }
        Deaf::Away | Deaf::Stopping => "the database does not answer; repeat the request later",
    };
    Problem::new(ProblemKind::Unavailable, detail).into()
}
