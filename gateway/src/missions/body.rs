//! The body of `POST /missions`.

use axum::body::Body;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use schemas::http::MissionCount;
use schemas::{Problem, ProblemKind, body};

use crate::representation::Refusal;
use crate::shutdown::BODY;

/// The largest body that is read.
const MAX_BODY: usize = 16 * 1024;
/// How much of a larger body is read and discarded before the caller gets its answer.
const MAX_DISCARDED: usize = 4 * 1024 * 1024;

/// Reads the body within its bounds: 16 KiB and 5 seconds.
pub(crate) async fn read(body: Body) -> Result<Bytes, Refusal> {
    read_up_to(body, MAX_BODY).await
}

/// Reads a body of at most so many bytes within 5 seconds.
pub(crate) async fn read_up_to(mut body: Body, most: usize) -> Result<Bytes, Refusal> {
    let reading = Limited::new(&mut body, most).collect();
    match tokio::time::timeout(BODY, reading).await {
        Ok(Ok(read)) => Ok(read.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            let _ = tokio::time::timeout(BODY, discard(body)).await; // after that it is answered anyway
            let detail = format!("the body has more than {most} bytes");
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

/// Reads how many missions are requested: no body and `{}` mean one mission.
pub(crate) fn count(headers: &HeaderMap, body: &[u8]) -> Result<MissionCount, Refusal> {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = media.and_then(|media| media.split(';').next()).map(str::trim);
    let is_json = media.is_some_and(|media| media.eq_ignore_ascii_case("application/json"));
    if !is_json && !body::is_empty(body) {
        let detail = "the body must be JSON and say so: add -H 'Content-Type: application/json'";
        return Err(Problem::new(ProblemKind::UnsupportedMediaType, detail).into());
    }
    Ok(MissionCount::parse(body)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count_of(media: Option<&'static str>, body: &[u8]) -> Result<MissionCount, Problem> {
        let mut headers = HeaderMap::new();
        if let Some(media) = media {
            headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(media));
        }
        count(&headers, body).map_err(|refusal| *refusal.problem)
    }

    const JSON: Option<&str> = Some("application/json; charset=utf-8");

    #[test]
    fn a_body_in_json_is_read_and_no_body_needs_no_content_type() {
        assert_eq!(count_of(JSON, b"{\"count\":3}"), Ok(MissionCount::List(3)));
        assert_eq!(count_of(JSON, b"{}"), Ok(MissionCount::One));
        for empty in [&b""[..], b"\xef\xbb\xbf"] {
            assert_eq!(count_of(None, empty), Ok(MissionCount::One));
        }
        assert_eq!(count_of(JSON, b"{").unwrap_err().kind(), ProblemKind::Malformed);
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
