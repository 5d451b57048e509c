//! `POST /missions`: one mission, or several.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use schemas::{CallerRequest, Mission, MissionIds, Missions, Problem, ProblemKind};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::answer::{RETRY_AFTER, Refusal, json};
use super::{Edge, Here};
use crate::desk::{Answer, NoSeat, Published};

/// The largest body that is read.
const MAX_BODY: usize = 16 * 1024;
/// How long a body may take to arrive.
const BODY: Duration = Duration::from_secs(5);

/// What is asked for: how many missions, or just one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    One,
    /// 1..=256, as a list.
    Several(u16),
}

pub(super) async fn post_missions(
    State(edge): Here,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let wish = wish(&headers, &read(body).await?)?;
    let order = Order::new(wish, Uuid::now_v7());
    let ids: Vec<_> = order.request.missions(order.count()).collect();
    let ids = MissionIds::try_from(ids).map_err(|wrong| invalid(wrong.to_string()))?;
    let seat = edge.desk.sit(ids).map_err(|why| unavailable(&why))?;
    match seat.wait(edge.config.wait).await {
        Ok(Answer::Stored(missions)) => Ok(order.created(missions)),
        Ok(Answer::Problem(problem)) => Err(problem.into()),
        Ok(Answer::Refused) => Err(refused()),
        Err(Published::Never) => {
            let detail = "RabbitMQ was away for as long as you waited; nothing was published";
            Err(Problem::new(ProblemKind::Unavailable, detail).into())
        }
        Err(published) => order.look(&edge, published).await,
    }
}

/// One caller's request.
#[derive(Clone, Copy)]
struct Order {
    request: CallerRequest,
    wish: Wish,
}

impl Order {
    fn new(wish: Wish, v7: Uuid) -> Self {
        Self { request: CallerRequest::new(v7), wish }
    }

    fn count(&self) -> usize {
        match self.wish {
            Wish::One => 1,
            Wish::Several(count) => count.into(),
        }
    }

    /// Where the missions are, or will be.
    fn location(&self) -> String {
        match self.wish {
            Wish::One => format!("/missions/{}", self.request),
            Wish::Several(count) => format!("/missions?request={}&count={count}", self.request),
        }
    }

    /// 201: they stand.
    fn created(&self, missions: Vec<Mission>) -> Response {
        let location = [(header::LOCATION, self.location())];
        match (self.wish, missions.as_slice()) {
            (Wish::One, [mission]) => json(StatusCode::CREATED, location, mission),
            _ => json(StatusCode::CREATED, location, &Missions { missions }),
        }
    }

    /// The wait is over and no reply has come: one look in the table, and then the address under
    /// which they will stand.
    async fn look(&self, edge: &Arc<Edge>, published: Published) -> Result<Response, Refusal> {
        let ids: Vec<_> = self.request.missions(self.count()).collect();
        match edge.store.find(&ids).await {
            Ok(missions) if missions.len() == ids.len() => return Ok(self.created(missions)),
            Ok(_) => {}
            // Not told: that the request stands, if it does, is what the caller needs to know.
            Err(error) => tracing::warn!(%error, request = %self.request, "no look in the table"),
        }
        let accepted = (edge.config.clock)().unix_timestamp();
        let separator = if matches!(self.wish, Wish::One) { '?' } else { '&' };
        let location = format!("{}{separator}accepted={accepted}", self.location());
        if published == Published::Confirmed {
            return Ok(accepted_answer(location));
        }
        let detail = "RabbitMQ did not confirm the request: it may stand or not. Look at Location";
        let problem = Problem::new(ProblemKind::Unconfirmed, detail).about(ids);
        Err(Refusal::from(problem).with(header::LOCATION, &location))
    }
}

/// 202: the request stands, its missions do not yet.
pub(super) fn accepted_answer(location: String) -> Response {
    #[derive(Serialize)]
    struct Accepted<'a> {
        status: &'a str,
        location: &'a str,
    }
    let headers =
        [(header::LOCATION, location.clone()), (header::RETRY_AFTER, RETRY_AFTER.to_owned())];
    let body = Accepted { status: "accepted", location: &location };
    json(StatusCode::ACCEPTED, headers, &body)
}

fn unavailable(why: &NoSeat) -> Refusal {
    let detail = match why {
        NoSeat::Full => "too many callers wait already; nothing was published",
        NoSeat::Away => "RabbitMQ is away; nothing was published",
    };
    Problem::new(ProblemKind::Unavailable, detail).into()
}

fn refused() -> Refusal {
    let detail = "the request queue is full; nothing was published";
    Problem::new(ProblemKind::Unavailable, detail).into()
}

fn invalid(detail: String) -> Refusal {
    Problem::new(ProblemKind::Invalid, detail).into()
}

async fn read(body: Body) -> Result<Bytes, Refusal> {
    let reading = Limited::new(body, MAX_BODY).collect();
    match tokio::time::timeout(BODY, reading).await {
        Ok(Ok(read)) => Ok(read.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            let detail = format!("the body has more than {MAX_BODY} bytes");
            Err(Problem::new(ProblemKind::TooLarge, detail).into())
        }
        Ok(Err(error)) => {
            Err(Problem::new(ProblemKind::Malformed, format!("the body broke off: {error}")).into())
        }
        Err(_) => {
            let detail = format!("the body took more than {} s", BODY.as_secs());
            Err(Problem::new(ProblemKind::RequestTimeout, detail).into())
        }
    }
}

/// Reads what is wished for: no body and `{}` mean one mission.
fn wish(headers: &HeaderMap, body: &[u8]) -> Result<Wish, Refusal> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wished {
        count: Option<serde_json::Value>,
    }
    if body.is_empty() {
        return Ok(Wish::One);
    }
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = media.and_then(|media| media.split(';').next()).map(str::trim);
    if !media.is_some_and(|media| media.eq_ignore_ascii_case("application/json")) {
        let detail = "the body must be JSON and say so: add -H 'Content-Type: application/json'";
        return Err(Problem::new(ProblemKind::UnsupportedMediaType, detail).into());
    }
    let malformed = |detail| Refusal::from(Problem::new(ProblemKind::Malformed, detail));
    let text = std::str::from_utf8(body)
        .map_err(|e| malformed(format!("the body is no UTF-8 after byte {}", e.valid_up_to())))?;
    if !text.trim_start().starts_with('{')
        && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
    {
        return Err(invalid("the body is no object: send {} or {\"count\": 3}".to_owned()));
    }
    let wished: Wished = serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => {
            invalid(format!("the body may hold `count` and nothing else: {error}"))
        }
        _ => malformed(format!("the body is no JSON: {error}")),
    })?;
    let Some(count) = wished.count else { return Ok(Wish::One) };
    let whole = count.as_u64().filter(|count| (1..=MissionIds::MAX as u64).contains(count));
    let whole = whole.and_then(|count| u16::try_from(count).ok());
    whole.map(Wish::Several).ok_or_else(|| {
        let shown: String = count.to_string().chars().take(32).collect();
        invalid(format!("`count` is {shown}: it must be a whole number from 1 to 256"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish_of(media: Option<&'static str>, body: &[u8]) -> Result<Wish, Problem> {
        let mut headers = HeaderMap::new();
        if let Some(media) = media {
            headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(media));
        }
        wish(&headers, body).map_err(|refusal| refusal.problem)
    }

    const JSON: Option<&str> = Some("application/json; charset=utf-8");

    #[test]
    fn no_body_and_an_empty_object_ask_for_one_mission() {
        assert_eq!(wish_of(None, b""), Ok(Wish::One));
        assert_eq!(wish_of(JSON, b"{}"), Ok(Wish::One));
    }

    #[test]
    fn a_count_from_1_to_256_asks_for_so_many() {
        for count in [1, 2, 256] {
            let body = format!("{{\"count\":{count}}}");
            assert_eq!(wish_of(JSON, body.as_bytes()), Ok(Wish::Several(count)));
        }
    }

    #[test]
    fn a_wrong_body_is_refused_and_the_field_named() {
        let deep = format!("{{\"count\":{}{}}}", "[".repeat(500), "]".repeat(500));
        for (body, status, word) in [
            (r#"{"count":0}"#, 422, "`count` is 0"),
            (r#"{"count":257}"#, 422, "`count` is 257"),
            (r#"{"count":-1}"#, 422, "`count` is -1"),
            (r#"{"count":1.5}"#, 422, "`count` is 1.5"),
            (r#"{"count":"x"}"#, 422, "`count` is \"x\""),
            (r#"{"count":1e99}"#, 422, "`count`"),
            (r#"{"count":1,"count":2}"#, 422, "count"),
            (r#"{"number":1}"#, 422, "number"),
            ("[]", 422, "object"),
            ("null", 422, "object"),
            ("3", 422, "object"),
            ("{", 400, "JSON"),
            ("mission", 400, "JSON"),
            ("{} {}", 400, "JSON"),
            (&deep, 400, "JSON"),
        ] {
            let problem = wish_of(JSON, body.as_bytes()).unwrap_err();
            assert_eq!(problem.kind().status(), status, "{body}: {problem}");
            assert!(problem.detail().contains(word), "{problem}");
        }
        assert_eq!(wish_of(JSON, b"{\"\xff\":1}").unwrap_err().kind(), ProblemKind::Malformed);
    }

    #[test]
    fn a_body_that_does_not_say_that_it_is_json_is_told_the_header() {
        for media in [None, Some("application/x-www-form-urlencoded")] {
            let problem = wish_of(media, b"{}").unwrap_err();
            assert_eq!(problem.kind(), ProblemKind::UnsupportedMediaType);
            assert!(problem.detail().contains("-H 'Content-Type: application/json'"));
        }
    }
}
