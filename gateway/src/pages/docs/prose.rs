//! The descriptions of the documents, which are CommonMark.

use std::fmt;

use askama::filters::HtmlSafe;
use pulldown_cmark::{Event, Parser, html};

/// A description as HTML.
pub(super) struct Prose(String);

impl Prose {
    /// Tags in the text are shown as text.
    pub(super) fn of(text: &str) -> Self {
        let shown = Parser::new(text).map(|event| match event {
            Event::Html(tag) | Event::InlineHtml(tag) => Event::Text(tag),
            other => other,
        });
        let mut written = String::new();
        html::push_html(&mut written, shown);
        Self(written)
    }

    /// HTML that was made of CommonMark already.
    pub(super) fn written(html: String) -> Self {
        Self(html)
    }
}

impl fmt::Display for Prose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Prose {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_keeps_its_form_and_no_tag_of_its_own() {
        let html =
            Prose::of("Send `{}`, **once**.\n\n<script>alert(1)</script> x <b>y").to_string();
        assert!(html.contains("<p>Send <code>{}</code>, <strong>once</strong>.</p>"), "{html}");
        assert!(!html.contains("<script>") && !html.contains("<b>"), "{html}");
        assert!(html.contains("&lt;script&gt;"), "{html}");
    }
}
