//! `Idempotency-Key`: the name of a request that may be repeated.

use axum::http::{HeaderMap, HeaderName};
use schemas::{IdempotencyKey, Problem, ProblemKind};

/// The caller's name for its request.
pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that the missions were stored before.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The key, if there is one: a string of a structured field (in quotation marks), or bare.
pub(crate) fn key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Problem> {
    let malformed = |wrong: &str| {
        let detail = format!("header `Idempotency-Key`: {wrong}");
        Problem::new(ProblemKind::Malformed, detail)
    };
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(malformed("it is given twice: send one key"));
    }
    let text = value.to_str().map_err(|_| malformed("use visible ASCII characters"))?.trim();
    let bare = match text.strip_prefix('"') {
        None => text.to_owned(),
        Some(rest) => {
            unquoted(rest).ok_or_else(|| malformed("its quotation marks do not match"))?
        }
    };
    bare.parse().map(Some).map_err(|wrong: String| malformed(&wrong))
}

/// The content of a string of RFC 8941 section 3.3.3, after its first quotation mark.
fn unquoted(rest: &str) -> Option<String> {
    let mut text = String::with_capacity(rest.len());
    let mut characters = rest.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return characters.as_str().is_empty().then_some(text),
            '\\' => text.push(characters.next().filter(|next| matches!(next, '"' | '\\'))?),
            other => text.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn key_of(values: &[&str]) -> Result<Option<IdempotencyKey>, Problem> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(IDEMPOTENCY_KEY, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        key(&headers)
    }

    #[test]
    fn a_key_is_the_same_with_and_without_quotation_marks() {
        assert_eq!(key_of(&[]), Ok(None));
        assert_eq!(key_of(&["\"a-1\""]), key_of(&["a-1"]));
        assert_eq!(key_of(&[r#""a\"\\1""#]), Ok(Some(r#"a"\1"#.parse().unwrap())));
    }

    #[test]
    fn a_wrong_key_is_refused_and_named() {
        let long = "x".repeat(256);
        for wrong in ["", "\"\"", "a b", "ä", "\"a", "\"a\"b", "\"a\\b\"", &long] {
            let problem = key_of(&[wrong]).unwrap_err();
            assert_eq!(problem.kind(), ProblemKind::Malformed, "{wrong}");
            assert!(problem.detail().contains("`Idempotency-Key`"), "{problem}");
        }
        assert!(key_of(&["a", "a"]).unwrap_err().detail().contains("twice"));
        assert!(key_of(&[&"x".repeat(255)]).is_ok());
    }
}
