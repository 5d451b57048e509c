//! The id of one request, in its response and in the logs.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken from a caller, in bytes.
const LONGEST: usize = 128;

/// The id that the caller gave its request, or a new one.
pub(crate) fn of(headers: &HeaderMap, new_id: fn() -> Uuid) -> HeaderValue {
    let mut given = headers.get_all(REQUEST_ID).iter();
    match (given.next(), given.next()) {
        (Some(own), None) if is_a_name(own.as_bytes()) => own.clone(),
        _ => made(new_id()),
    }
}

fn is_a_name(bytes: &[u8]) -> bool {
    (1..=LONGEST).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic)
}

fn made(id: Uuid) -> HeaderValue {
    let mut buffer = Uuid::encode_buffer();
    let text = id.hyphenated().encode_lower(&mut buffer);
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("none")) // a UUID is a header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callers_name_is_kept_and_what_is_none_is_replaced() {
        let longest = "x".repeat(128);
        for own in ["7", "Root=1-67891233-abcdef012345678912345678", &longest] {
            let mut headers = HeaderMap::new();
            headers.append(REQUEST_ID, HeaderValue::from_str(own).unwrap());
            assert_eq!(of(&headers, Uuid::new_v4), own);
        }
        let too_long = "x".repeat(129);
        let (long, two): (&[&[u8]], &[&[u8]]) = (&[too_long.as_bytes()], &[b"one", b"two"]);
        for none in [&[], two, long, &[b""], &[b"with space"], &[b"\xc3\xa4"]] {
            let mut headers = HeaderMap::new();
            for value in none {
                headers.append(REQUEST_ID, HeaderValue::from_bytes(value).unwrap());
            }
            let made = of(&headers, Uuid::new_v4);
            assert!(made.to_str().unwrap().parse::<Uuid>().is_ok(), "{none:?}: {made:?}");
        }
    }
}
