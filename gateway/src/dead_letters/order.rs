//! What an operator sends: JSON from a tool, or the form of a page.

use axum::body::Body;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use schemas::http::{Correction, Meant, Order};
use schemas::{Problem, ProblemKind};

use crate::missions::body;
use crate::representation::Refusal;

/// The largest body that is read: 256 letters, or a request whose every byte is escaped.
const MOST: usize = 128 * 1024;

/// What was sent.
pub(super) enum Sent {
    /// By a tool.
    Json(Bytes),
    /// By a page: its fields.
    Form(Vec<(String, String)>),
}

/// Reads the body.
pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Sent, Refusal> {
    let bytes = body::read_up_to(body, MOST).await?;
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = media.and_then(|media| media.split(';').next()).unwrap_or_default().trim();
    if media.eq_ignore_ascii_case("application/json") {
        return Ok(Sent::Json(bytes));
    }
    if media.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        let fields = serde_urlencoded::from_bytes(&bytes);
        let wrong = |error| Problem::new(ProblemKind::Malformed, format!("the form: {error}"));
        return Ok(Sent::Form(fields.map_err(wrong)?));
    }
    let detail = "the body must be JSON and say so: add -H 'Content-Type: application/json'";
    Err(Problem::new(ProblemKind::UnsupportedMediaType, detail).into())
}

impl Sent {
    /// Whether a page sent it: it is answered with an address to go to.
    pub(super) fn is_form(&self) -> bool {
        matches!(self, Self::Form(_))
    }

    /// It as an order.
    pub(super) fn order(&self) -> Result<Order, Problem> {
        let fields = match self {
            Self::Json(bytes) => return Order::parse(bytes),
            Self::Form(fields) => fields,
        };
        let (mut letters, mut id, mut rate, mut who) = (Vec::new(), None, None, None);
        for (name, value) in fields {
            match (name.as_str(), value.trim()) {
                ("letter", value) => letters.push(meant(value)?),
                (_, "") => {}
                ("id", value) => id = Some(parsed(name, value)?),
                ("rate", value) => rate = Some(parsed(name, value)?),
                ("who", value) => who = Some(parsed(name, value)?),
                (name, _) => return Err(unknown(name)),
            }
        }
        Order { letters, limit: None, rate, dry_run: false, id, who }.checked()
    }

    /// It as a correction.
    pub(super) fn correction(&self) -> Result<Correction, Problem> {
        let fields = match self {
            Self::Json(bytes) => return Correction::parse(bytes),
            Self::Form(fields) => fields,
        };
        let (mut body, mut id, mut number, mut who) = (String::new(), None, None, None);
        for (name, value) in fields {
            match (name.as_str(), value.trim()) {
                ("body", value) => value.clone_into(&mut body),
                (_, "") => {}
                ("id", value) => id = Some(parsed(name, value)?),
                ("number", value) => number = Some(parsed(name, value)?),
                ("who", value) => who = Some(parsed(name, value)?),
                (name, _) => return Err(unknown(name)),
            }
        }
        Ok(Correction { body, number, dry_run: false, id, who })
    }
}

/// A letter in a form: its id, a dot, and the number of the last step when it was shown.
fn meant(value: &str) -> Result<Meant, Problem> {
    let (id, number) = value.split_once('.').unwrap_or((value, ""));
    let number = (!number.is_empty()).then(|| parsed("letter", number)).transpose()?;
    Ok(Meant { id: parsed("letter", id)?, number })
}

fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
    name: &str,
    value: &str,
) -> Result<T, Problem> {
    value.parse().map_err(|wrong| Problem::new(ProblemKind::Invalid, format!("`{name}`: {wrong}")))
}

fn unknown(name: &str) -> Problem {
    let name: String = name.chars().take(32).collect();
    Problem::new(ProblemKind::Invalid, format!("`{name}`: the form has no such field"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> Sent {
        Sent::Form(fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn a_form_says_the_same_as_json() {
        let id = "019abc00-1111-7222-8333-444455556601";
        let batch = "019abc00-1111-7222-8333-444455556600";
        let sent = format!("{id}.3");
        let fields = [("letter", sent.as_str()), ("id", batch), ("rate", "7"), ("who", " ada ")];
        let json = format!(
            r#"{{"letters":[{{"id":"{id}","number":3}}],"id":"{batch}","rate":7,"who":"ada"}}"#
        );
        assert_eq!(form(&fields).order(), Sent::Json(json.into()).order());
        let body = r#"{"body":"{}","number":0}"#;
        let fields = [("body", "{}\r\n"), ("number", "0"), ("who", "")];
        assert_eq!(form(&fields).correction(), Sent::Json(body.into()).correction());
    }

    #[test]
    fn a_wrong_field_is_named() {
        for (fields, name) in [
            (&[][..], "`letters`"),
            (&[("letter", "7")], "`letter`"),
            (&[("letters", "7")], "`letters`"),
            (&[("rate", "fast")], "`rate`"),
        ] {
            let problem = form(fields).order().unwrap_err();
            assert!(problem.detail().contains(name), "{problem}");
        }
    }
}
