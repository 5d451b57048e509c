//! What the form of the home page sends.

use axum::http::{HeaderMap, header};
use schemas::http::MissionCount;
use schemas::{IdempotencyKey, Problem, ProblemKind};
use serde::Deserialize;

/// The fields. Other clients that send this content type (curl does, unless it is told) send
/// something else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    #[serde(default)]
    count: String,
    key: String,
}

/// The longest key of a form: it gets the count behind it.
const LONGEST_KEY: usize = 200;

/// What the form asks for.
pub(super) struct Form {
    pub(super) count: MissionCount,
    /// Of the page that was sent, and of the count: whoever goes back and asks for another number
    /// gets other missions.
    pub(super) key: IdempotencyKey,
}

/// Reads a form with a key; `None` if the body is none.
pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Option<Result<Form, Problem>> {
    let media = headers.get(header::CONTENT_TYPE)?.to_str().ok()?.split(';').next()?.trim();
    if !media.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return None;
    }
    let fields: Fields = serde_urlencoded::from_bytes(body).ok()?;
    Some(fields.read())
}

impl Fields {
    fn read(self) -> Result<Form, Problem> {
        let count = match self.count.trim() {
            "" | "1" => MissionCount::One,
            text => list(text)?,
        };
        let wrong = |wrong: String| Problem::new(ProblemKind::Malformed, format!("`key`: {wrong}"));
        if !(1..=LONGEST_KEY).contains(&self.key.len()) {
            return Err(wrong(format!("it must have 1 to {LONGEST_KEY} characters")));
        }
        let key = format!("{}/{}", self.key, self.count.trim()).parse().map_err(wrong)?;
        Ok(Form { count, key })
    }
}

/// A list, if this is a whole number that it may have.
fn list(text: &str) -> Result<MissionCount, Problem> {
    let number: u32 = text.parse().map_err(|_| {
        Problem::new(ProblemKind::Invalid, "`count` must be a whole number from 1 to 256")
    })?;
    MissionCount::parse(format!("{{\"count\":{number}}}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(
        media: &'static str,
        body: &str,
    ) -> Option<Result<(MissionCount, IdempotencyKey), u16>> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(media));
        let read = read(&headers, body.as_bytes())?;
        Some(match read {
            Ok(form) => Ok((form.count, form.key)),
            Err(problem) => Err(problem.kind().status()),
        })
    }

    const FORM: &str = "application/x-www-form-urlencoded";

    #[test]
    fn a_form_asks_for_one_mission_or_a_list_under_its_key() {
        let one = |key: &str| Some(Ok((MissionCount::One, key.parse().unwrap())));
        assert_eq!(form(FORM, "key=a&count=1"), one("a/1"));
        assert_eq!(form(FORM, "key=a&count="), one("a/"));
        assert_eq!(
            form(FORM, "count=3&key=a"),
            Some(Ok((MissionCount::List(3), "a/3".parse().unwrap())))
        );
        for wrong in ["0", "257", "-1", "x", "1.5"] {
            assert_eq!(form(FORM, &format!("key=a&count={wrong}")), Some(Err(422)), "{wrong}");
        }
    }

    #[test]
    fn a_key_that_is_empty_or_too_long_is_refused() {
        for wrong in ["", "%20", "%C3%A4", &"x".repeat(201)] {
            assert_eq!(form(FORM, &format!("key={wrong}&count=1")), Some(Err(400)), "{wrong}");
        }
        assert!(matches!(form(FORM, &format!("key={}", "x".repeat(200))), Some(Ok(_))));
    }

    #[test]
    fn json_that_does_not_say_so_is_no_form() {
        for (media, body) in [(FORM, "{\"count\":3}"), (FORM, ""), ("application/json", "key=a")] {
            assert_eq!(form(media, body), None, "{media} {body}");
        }
    }
}
