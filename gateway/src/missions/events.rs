//! `GET /missions/events`: missions as they are stored, as server-sent events.

use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use schemas::{Problem, ProblemKind};
use store::Cursor;

use super::query;
use crate::edge::client::{Peer, share_of};
use crate::event_stream;
use crate::feed::ListenError;
use crate::representation::Refusal;
use crate::shared::Here;

/// The header of a client that comes back: the `id` of the last event that it received.
const LAST_EVENT_ID: &str = "last-event-id";

pub(crate) async fn events(
    State(shared): Here,
    peer: Option<Extension<Peer>>,
    method: Method,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let behind = last_event_id(&headers, query.as_deref().unwrap_or_default())?;
    let client = share_of(peer, &headers, &shared.config.limits.proxies);
    if method == Method::HEAD {
        return Ok(event_stream::head());
    }
    let (lasting, stop) = (shared.config.stream, &shared.stop);
    match shared.feed.listen(client, behind, stop).await {
        Ok(listener) => Ok(event_stream::response(listener, lasting, stop)),
        Err(ListenError::Stopping) => Ok(event_stream::ended()),
        Err(ListenError::Full) => Err(event_stream::full("listen at another gateway, or later")),
        Err(ListenError::Away) => {
            let detail = "the database does not answer; repeat the request later";
            Err(Problem::new(ProblemKind::Unavailable, detail).into())
        }
    }
}

/// The position at which a client resumes. The header wins: a browser that comes back sends it with
/// the address that it was first given. Some clients send an empty one before their first event.
pub(crate) fn last_event_id(headers: &HeaderMap, query: &str) -> Result<Option<Cursor>, Refusal> {
    // Each is read, also the one that does not count: a wrong one is refused.
    let parameter = query::last_event_id(query)?;
    let parameter = parameter.as_deref().map(position).transpose()?.flatten();
    let mut values = headers.get_all(LAST_EVENT_ID).iter();
    let header = match (values.next(), values.next()) {
        (Some(_), Some(_)) => return Err(malformed("header `Last-Event-ID`: it is there twice")),
        (Some(value), None) => position(value.to_str().unwrap_or("none"))?,
        _ => None,
    };
    Ok(header.or(parameter))
}

/// The position that an id means; an empty one means none.
fn position(id: &str) -> Result<Option<Cursor>, Refusal> {
    if id.is_empty() {
        return Ok(None);
    }
    let cursor = id.parse().ok();
    // No mission is older than 1970, as in `cursor` of the list.
    let cursor = cursor.filter(|cursor: &Cursor| cursor.created_at.micros() >= 0);
    let detail = "`Last-Event-ID`: take it unchanged from the `id` of an event, or leave it out to \
                  begin now";
    cursor.map(Some).ok_or_else(|| malformed(detail))
}

fn malformed(detail: &str) -> Refusal {
    Problem::new(ProblemKind::Malformed, detail).into()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const OLD: &str = "7-019abc00111172228333444455556600";
    const NEW: &str = "8-019abc00111172228333444455556600";

    /// The micros of the position at which this request resumes.
    fn resumes(header: Option<&'static str>, query: &str) -> Result<Option<i64>, u16> {
        let mut headers = HeaderMap::new();
        if let Some(id) = header {
            headers.insert(LAST_EVENT_ID, HeaderValue::from_static(id));
        }
        let position =
            last_event_id(&headers, query).map_err(|wrong| wrong.problem.kind().status());
        Ok(position?.map(|position| position.created_at.micros()))
    }

    #[test]
    fn the_parameter_resumes_a_stream_as_the_header_does() {
        let query = |id: &str| format!("lastEventId={id}");
        assert_eq!(resumes(None, ""), Ok(None));
        assert_eq!(resumes(None, "lastEventId="), Ok(None));
        assert_eq!(resumes(Some(NEW), ""), Ok(Some(8)));
        assert_eq!(resumes(None, &query(OLD)), Ok(Some(7)));
        assert_eq!(resumes(Some(NEW), &query(OLD)), Ok(Some(8)), "the header is the newer one");
        assert_eq!(resumes(Some(""), &query(OLD)), Ok(Some(7)));
        for wrong in ["lastEventId=x", "lastEventId=7&lastEventId=7", "since=7"] {
            assert_eq!(resumes(None, wrong), Err(400), "{wrong}");
            assert_eq!(resumes(Some(NEW), wrong), Err(400), "{wrong}, and a header");
        }
    }
}
