//! The body of `POST /missions`.

use axum::body::Body;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use schemas::{Problem, ProblemKind, body};
use serde::{Deserialize, Deserializer};

use crate::representation::Refusal;
use crate::shutdown::BODY;

/// The largest body that is read.
const MAX_BODY: usize = 16 * 1024;
/// How much of a larger body is read and discarded before the caller gets its answer.
const MAX_DISCARDED: usize = 4 * 1024 * 1024;
/// What some editors and shells write before a text in UTF-8; it is skipped.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How many missions are requested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    /// One mission, returned as an object.
    One,
    /// 1..=256 missions, returned as a list.
    List(u16),
}

/// Reads the body within its bounds: 16 KiB and 5 seconds.
pub(crate) async fn read(mut body: Body) -> Result<Bytes, Refusal> {
    let reading = Limited::new(&mut body, MAX_BODY).collect();
    match tokio::time::timeout(BODY, reading).await {
        Ok(Ok(read)) => Ok(read.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            let _ = tokio::time::timeout(BODY, discard(body)).await; // after that it is answered anyway
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

/// Reads the rest of a body. If a connection is closed while the caller still writes, a reset may
/// arrive before the answer.
async fn discard(mut body: Body) {
    let mut left = MAX_DISCARDED;
    while left > 0
        && let Some(Ok(frame)) = body.frame().await
    {
        left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
    }
}

/// Reads how many missions are asked for: no body and `{}` mean one mission.
pub(crate) fn count(headers: &HeaderMap, body: &[u8]) -> Result<Count, Refusal> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct RequestBody {
        #[serde(default, deserialize_with = "given")]
        count: Option<serde_json::Value>,
    }
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    if body.is_empty() {
        return Ok(Count::One);
    }
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = media.and_then(|media| media.split(';').next()).map(str::trim);
    if !media.is_some_and(|media| media.eq_ignore_ascii_case("application/json")) {
        let detail = "the body must be JSON and say so: add -H 'Content-Type: application/json'";
        return Err(Problem::new(ProblemKind::UnsupportedMediaType, detail).into());
    }
    let body: RequestBody = body::object(body, "the body may hold `count` and nothing else")?;
    let Some(count) = body.count else { return Ok(Count::One) };
    // JSON has one type of number: 3.0 is a whole number as well.
    let is = |whole: &u16| count.as_f64() == Some(f64::from(*whole));
    (1..=256).find(is).map(Count::List).ok_or_else(|| {
        let shown: String = count.to_string().chars().take(32).collect();
        let detail = format!("`count` is {shown}: it must be a whole number from 1 to 256");
        Problem::new(ProblemKind::Invalid, detail).into()
    })
}

/// A member that may be missing. `null` is not missing, and is wrong.
fn given<'de, D: Deserializer<'de>>(value: D) -> Result<Option<serde_json::Value>, D::Error> {
    serde_json::Value::deserialize(value).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count_of(media: Option<&'static str>, body: &[u8]) -> Result<Count, Problem> {
        let mut headers = HeaderMap::new();
        if let Some(media) = media {
            headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(media));
        }
        count(&headers, body).map_err(|refusal| *refusal.problem)
    }

    const JSON: Option<&str> = Some("application/json; charset=utf-8");

    #[test]
    fn a_byte_order_mark_before_the_body_is_skipped() {
        assert_eq!(count_of(JSON, b"\xef\xbb\xbf{\"count\":3}"), Ok(Count::List(3)));
        assert_eq!(count_of(None, b"\xef\xbb\xbf"), Ok(Count::One));
        assert!(count_of(JSON, b"{\xef\xbb\xbf}").is_err(), "only at the beginning");
    }

    #[test]
    fn no_body_and_an_empty_object_ask_for_one_mission() {
        assert_eq!(count_of(None, b""), Ok(Count::One));
        assert_eq!(count_of(JSON, b"{}"), Ok(Count::One));
    }

    #[test]
    fn a_count_from_1_to_256_asks_for_so_many() {
        for (count, written) in [(1, "1"), (2, "2.0"), (256, "256"), (30, "3e1")] {
            let body = format!("{{\"count\":{written}}}");
            assert_eq!(count_of(JSON, body.as_bytes()), Ok(Count::List(count)));
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
            (r#"{"count":null}"#, 422, "`count` is null"),
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
            (&deep, 422, "`count`"),
        ] {
            let problem = count_of(JSON, body.as_bytes()).unwrap_err();
            assert_eq!(problem.kind().status(), status, "{body}: {problem}");
            assert!(problem.detail().contains(word), "{problem}");
        }
        assert_eq!(count_of(JSON, b"{\"\xff\":1}").unwrap_err().kind(), ProblemKind::Malformed);
    }

    #[test]
    fn a_body_that_does_not_say_that_it_is_json_is_told_the_header() {
        for media in [None, Some("application/x-www-form-urlencoded")] {
            let problem = count_of(media, b"{}").unwrap_err();
            assert_eq!(problem.kind(), ProblemKind::UnsupportedMediaType);
            assert!(problem.detail().contains("-H 'Content-Type: application/json'"));
        }
    }
}
