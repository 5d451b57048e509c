//! Which format a client accepts, and which representation it has already.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use schemas::{Problem, ProblemKind};

use super::refusal::Refusal;

/// A format of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Html,
    Text,
    Csv,
}

impl Format {
    /// The formats of missions; the first one is for clients that send no `Accept`.
    pub(crate) const OF_MISSIONS: [Self; 3] = [Self::Json, Self::Html, Self::Text];
    /// The formats of the list of missions, as above.
    pub(crate) const OF_LISTS: [Self; 4] = [Self::Json, Self::Html, Self::Text, Self::Csv];
    /// The formats of pages: text for a terminal, HTML for a browser.
    pub(crate) const OF_PAGES: [Self; 2] = [Self::Text, Self::Html];

    /// The format of this name, for those who cannot send an `Accept`.
    pub(crate) fn named(word: &str) -> Option<Self> {
        Self::OF_LISTS.into_iter().find(|format| format.word() == word)
    }

    /// Its name.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Html => "html",
            Self::Text => "text",
            Self::Csv => "csv",
        }
    }

    /// The media type, as it is written into `Content-Type`.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Html => "text/html; charset=utf-8",
            Self::Text => "text/plain; charset=utf-8",
            Self::Csv => schemas::csv::MEDIA_TYPE,
        }
    }

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Json => ("application", "json"),
            Self::Html => ("text", "html"),
            Self::Text => ("text", "plain"),
            Self::Csv => ("text", "csv"),
        }
    }

    /// The format that the client prefers among these, by RFC 9110 section 12.5.1: the most specific
    /// range counts for each format, then its weight, then our order. None if it accepts none.
    pub(crate) fn preferred(headers: &HeaderMap, offered: &[Self]) -> Option<Self> {
        let ranges: Vec<Range<'_>> = headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(Range::parse)
            .collect();
        if !headers.contains_key(header::ACCEPT) {
            return offered.first().copied();
        }
        let weight = |format: Self| {
            let matching = ranges.iter().filter_map(|range| range.matches(format.names()));
            matching.max_by_key(|(specific, _)| *specific).map_or(0, |(_, weight)| weight)
        };
        // Of equal weights `max_by_key` would take the last.
        let best = offered.iter().copied().rev().max_by_key(|format| weight(*format))?;
        (weight(best) > 0).then_some(best)
    }
}

/// One media range of an `Accept` header.
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    /// In thousandths.
    weight: u16,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let weight = parts.find_map(|part| {
            let (name, value) = part.split_once('=')?;
            name.trim().eq_ignore_ascii_case("q").then_some(value.trim())
        });
        let weight = match weight {
            None => 1_000,
            Some(text) => {
                let weight: f32 = text.parse().ok()?;
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "it lies between 0 and 1000"
                )]
                let weight = (weight.clamp(0.0, 1.0) * 1_000.0) as u16;
                weight
            }
        };
        Some(Self { kind, subtype, weight })
    }

    /// How specific this range is about a media type, and its weight.
    fn matches(&self, (kind, subtype): (&str, &str)) -> Option<(u8, u16)> {
        let specific = match (self.kind, self.subtype) {
            ("*", "*") => 0,
            (k, "*") if k.eq_ignore_ascii_case(kind) => 1,
            (k, s) if k.eq_ignore_ascii_case(kind) && s.eq_ignore_ascii_case(subtype) => 2,
            _ => return None,
        };
        Some((specific, self.weight))
    }
}

/// What a client accepts as a response about missions.
pub(crate) struct Accept {
    pub(crate) format: Format,
    /// The entity tags of the representations that the client has: `If-None-Match`, as it was sent.
    has: Vec<HeaderValue>,
}

impl Accept {
    /// This format, for a client that has what its headers say.
    pub(crate) fn new(headers: &HeaderMap, format: Format) -> Self {
        let has = headers.get_all(header::IF_NONE_MATCH).iter().cloned().collect();
        Self { format, has }
    }

    /// The format that the client prefers among these.
    pub(crate) fn among(headers: &HeaderMap, offered: &[Format]) -> Result<Self, Refusal> {
        let format = Format::preferred(headers, offered).ok_or_else(|| {
            let types = offered.iter().map(|format| format.names());
            let types: Vec<_> = types.map(|(kind, subtype)| format!("{kind}/{subtype}")).collect();
            let detail = format!("missions come as {}: accept one", listed(&types));
            Problem::new(ProblemKind::NotAcceptable, detail)
        })?;
        Ok(Self::new(headers, format))
    }

    /// Whether the client has the representation with this tag of ours already. Tags are compared weakly
    /// (RFC 9110, 8.8.3.2); a `*` stands for every one.
    pub(crate) fn has(&self, tag: &str) -> bool {
        let tags = self.has.iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
        tags.map(<[u8]>::trim_ascii)
            .any(|held| held == b"*" || opaque(held) == opaque(tag.as_bytes()))
    }
}

/// A tag without the mark of a weak one.
fn opaque(tag: &[u8]) -> &[u8] {
    tag.strip_prefix(b"W/").unwrap_or(tag)
}

impl<S: Sync> FromRequestParts<S> for Accept {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        Self::among(&parts.headers, &Format::OF_MISSIONS)
    }
}

/// These words as a sentence has them: `a, b or c`.
fn listed(words: &[String]) -> String {
    match words {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => words.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preferred(accept: &'static str) -> Option<Format> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        Format::preferred(&headers, &Format::OF_MISSIONS)
    }

    #[test]
    fn a_tag_is_found_in_any_list_that_names_it() {
        let has = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::IF_NONE_MATCH, HeaderValue::from_static(value));
            }
            Accept::new(&headers, Format::Json).has("W/\"a1\"")
        };
        for values in
            [&["W/\"a1\""][..], &["\"a1\""], &["*"], &["\"b\" , W/\"a1\""], &["\"b\"", "\"a1\""]]
        {
            assert!(has(values), "{values:?}");
        }
        for values in [&[][..], &[""], &["a1"], &["\"a1"], &["w/\"a1\""], &["\"a b\""], &[",,"]] {
            assert!(!has(values), "{values:?}");
        }
    }

    #[test]
    fn json_is_for_whoever_does_not_say() {
        assert_eq!(Format::preferred(&HeaderMap::new(), &Format::OF_MISSIONS), Some(Format::Json));
        assert_eq!(preferred("*/*"), Some(Format::Json));
        assert_eq!(preferred("application/*"), Some(Format::Json));
    }

    #[test]
    fn a_browser_gets_html() {
        let firefox = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert_eq!(preferred(firefox), Some(Format::Html));
    }

    #[test]
    fn the_weight_decides_and_the_most_specific_range_has_it() {
        assert_eq!(preferred("text/html;q=0.5, text/plain"), Some(Format::Text));
        assert_eq!(preferred("text/*, text/html;q=0"), Some(Format::Text));
        assert_eq!(preferred("application/json;q=0, */*;q=0.1"), Some(Format::Html));
        assert_eq!(preferred("TEXT/Plain; Q=1"), Some(Format::Text));
    }

    #[test]
    fn csv_is_only_for_whoever_names_it() {
        let mut headers = HeaderMap::new();
        for (accept, format) in [
            ("text/csv", Some(Format::Csv)),
            ("text/csv, */*;q=0.1", Some(Format::Csv)),
            ("text/*", Some(Format::Html)),
            ("*/*", Some(Format::Json)),
        ] {
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(Format::preferred(&headers, &Format::OF_LISTS), format, "{accept}");
        }
    }

    #[test]
    fn a_refusal_lists_what_is_offered() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("image/png"));
        let Err(refusal) = Accept::among(&headers, &Format::OF_LISTS) else { panic!("accepted") };
        let detail =
            "missions come as application/json, text/html, text/plain or text/csv: accept one";
        assert_eq!(refusal.problem.detail(), detail);
    }

    #[test]
    fn nothing_that_we_have_is_nothing() {
        for accept in ["image/png", "*/*;q=0", "", "nonsense", "application/json;q=0"] {
            assert_eq!(preferred(accept), None, "{accept}");
        }
    }

    #[test]
    fn a_tag_is_compared_weakly() {
        let asked = |has: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, has.parse().unwrap());
            Accept::new(&headers, Format::Json)
        };
        assert!(asked("W/\"a\", \"b\"").has("W/\"b\""));
        assert!(asked("*").has("W/\"b\""));
        assert!(!asked("\"c\"").has("W/\"b\""));
        assert!(!asked("no tag").has("W/\"b\""));
    }
}
