//! A page of `docs/` as HTML: the text before its first section, and its sections.

use pulldown_cmark::{Alignment, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use super::address::within;
use super::prose::Prose;
use crate::pages::assets::picture;

/// A page.
pub(super) struct Article {
    pub(super) title: String,
    pub(super) lead: Prose,
    pub(super) sections: Vec<Section>,
}

/// What stands below a heading of the second level.
pub(super) struct Section {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) text: Prose,
}

impl Article {
    /// Reads a page. Its links and pictures lead to this site; what leads to a file that is not here is
    /// text.
    pub(super) fn of(markdown: &str) -> Self {
        let mut page = Reading::default();
        let mut events = Parser::new_ext(markdown, Options::ENABLE_TABLES);
        while let Some(event) = events.next() {
            page.read(event, &mut events);
        }
        page.article()
    }

    /// Only these sections, in the order of the page.
    pub(super) fn only(mut self, ids: &[&str]) -> Self {
        self.sections.retain(|section| ids.contains(&section.id.as_str()));
        self
    }

    /// These sections first, in this order.
    pub(super) fn first(mut self, ids: &[&str]) -> Self {
        let place = |section: &Section| ids.iter().position(|id| *id == section.id);
        self.sections.sort_by_key(|section| place(section).unwrap_or(ids.len()));
        self
    }

    /// Where its sections are, for the contents.
    pub(super) fn contents(&self) -> Vec<(String, String)> {
        self.sections.iter().map(|section| (section.id.clone(), section.title.clone())).collect()
    }
}

#[derive(Default)]
struct Reading<'a> {
    title: String,
    /// The section that is being read: none at first.
    section: Option<(String, String)>,
    events: Vec<Event<'a>>,
    parts: Vec<(Option<(String, String)>, Prose)>,
    /// Inside a link that is left out.
    unlinked: bool,
    /// Inside a picture that is not here: its words stand for it.
    unshown: bool,
    /// Inside a part of a section, which is folded.
    folded: bool,
}

impl<'a> Reading<'a> {
    fn read(&mut self, event: Event<'a>, rest: &mut impl Iterator<Item = Event<'a>>) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => self.heading(level, rest),
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let Some(dest_url) = within(&dest_url).map(CowStr::from) else {
                    self.unlinked = true;
                    return;
                };
                self.events.push(Event::Start(Tag::Link { link_type, dest_url, title, id }));
            }
            Event::End(TagEnd::Link) if std::mem::take(&mut self.unlinked) => {}
            Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
                let Some(dest_url) = picture(&dest_url).map(CowStr::from) else {
                    self.unshown = true;
                    return;
                };
                self.events.push(Event::Start(Tag::Image { link_type, dest_url, title, id }));
            }
            Event::End(TagEnd::Image) if std::mem::take(&mut self.unshown) => {}
            Event::Start(Tag::Table(columns)) => {
                self.events.push(Event::Html("<div class=\"scroll\" tabindex=\"0\">".into()));
                // The policy of the pages forbids the attribute that would align a column.
                let columns = vec![Alignment::None; columns.len()];
                self.events.push(Event::Start(Tag::Table(columns)));
            }
            Event::End(TagEnd::Table) => {
                self.events.push(Event::End(TagEnd::Table));
                self.events.push(Event::Html("</div>".into()));
            }
            Event::Html(tag) | Event::InlineHtml(tag) => {
                if !tag.starts_with("<!--") {
                    self.events.push(Event::Text(tag));
                }
            }
            other => self.events.push(other),
        }
    }

    fn heading(&mut self, level: HeadingLevel, rest: &mut impl Iterator<Item = Event<'a>>) {
        let inside: Vec<_> =
            rest.take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_)))).collect();
        let words = inside.iter().filter_map(|event| match event {
            Event::Text(text) | Event::Code(text) => Some(text.as_ref()),
            _ => None,
        });
        let title: String = words.collect();
        match level {
            HeadingLevel::H1 => self.title = title,
            HeadingLevel::H2 => {
                self.end_section();
                self.section = Some((slug(&title), title));
            }
            HeadingLevel::H3 => {
                self.end_fold();
                self.folded = true;
                let begin =
                    format!("<details class=\"fold\" id=\"{}\"><summary><h3>", slug(&title));
                self.events.push(Event::Html(begin.into()));
                self.events.extend(inside);
                self.events.push(Event::Html("</h3></summary>".into()));
            }
            level => {
                let id = Some(slug(&title).into());
                let (classes, attrs) = (Vec::new(), Vec::new());
                self.events.push(Event::Start(Tag::Heading { level, id, classes, attrs }));
                self.events.extend(inside);
                self.events.push(Event::End(TagEnd::Heading(level)));
            }
        }
    }

    fn end_fold(&mut self) {
        if std::mem::take(&mut self.folded) {
            self.events.push(Event::Html("</details>\n".into()));
        }
    }

    fn end_section(&mut self) {
        self.end_fold();
        let mut written = String::new();
        html::push_html(&mut written, self.events.drain(..));
        let written = written.replace("<pre>", "<pre tabindex=\"0\">"); // for the keyboard
        self.parts.push((self.section.take(), Prose::written(written)));
    }

    fn article(mut self) -> Article {
        self.end_section();
        let mut article = Article { title: self.title, lead: Prose::of(""), sections: Vec::new() };
        for (heading, text) in self.parts {
            match heading {
                None => article.lead = text,
                Some((id, title)) => article.sections.push(Section { id, title, text }),
            }
        }
        article
    }
}

/// The anchor of a heading, as the hosts of repositories make it.
fn slug(title: &str) -> String {
    let kept = title.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_its_lead_and_its_sections_and_its_links_stay_in_the_site() {
        let text = "# Top\n\nBefore [this](http.md#waiting), [that](../schemas).\n\n## If a `process` dies\n\n\
                    | a |\n|---|\n| <b>x |\n\n### Deeper\n\n```console\n$ true\n```\n\n\
                    ### Beside it\n\n## The end\n";
        let article = Article::of(text);
        assert_eq!(article.title, "Top");
        let lead = article.lead.to_string();
        assert!(lead.contains("<a href=\"/docs/http#waiting\">this</a>, that."), "{lead}");
        let section = &article.sections[0];
        let [id, title] = ["if-a-process-dies", "If a process dies"].map(str::to_owned);
        assert_eq!((&section.id, &section.title), (&id, &title));
        let text = section.text.to_string();
        assert!(text.contains("<table>") && text.contains("&lt;b&gt;"), "{text}");
        let fold = "<details class=\"fold\" id=\"deeper\"><summary><h3>Deeper</h3></summary>";
        assert!(text.contains(fold) && text.contains("<pre tabindex"), "{text}");
        assert_eq!((text.matches("<details").count(), text.matches("</details>").count()), (2, 2));
    }
}
