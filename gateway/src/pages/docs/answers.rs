//! The answers to requests. What many requests are answered with stands once on the page; each of them
//! links to it.

use std::collections::BTreeMap;

use super::example::Example;
use super::node::{Node, name};
use super::prose::Prose;
use super::schema::{self, Kind};

pub(super) struct Answer {
    pub(super) status: String,
    pub(super) about: Prose,
    pub(super) headers: Vec<String>,
    pub(super) media: Vec<(String, Kind)>,
    pub(super) examples: Vec<Example>,
}

/// An answer that several operations have.
pub(super) struct Common {
    /// Its name in the document.
    pub(super) name: String,
    pub(super) answer: Answer,
}

/// The status of each answer that several operations refer to, by its name.
pub(super) type Shared<'a> = BTreeMap<&'a str, &'a str>;

/// Which answers several of these operations have.
pub(super) fn shared<'a>(operations: impl Iterator<Item = Node<'a>>) -> Shared<'a> {
    let mut uses: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
    for (status, name) in operations.flat_map(references) {
        uses.entry(name).or_insert((status, 0)).1 += 1;
    }
    uses.into_iter()
        .filter(|(_, (_, times))| *times > 1)
        .map(|(name, (status, _))| (name, status))
        .collect()
}

/// The answers of an operation that are described elsewhere: status and name.
pub(super) fn references<'a>(operation: Node<'a>) -> impl Iterator<Item = (&'a str, &'a str)> {
    let answers = operation.get("responses").value().as_object().into_iter().flatten();
    answers.filter_map(|(status, answer)| Some((status.as_str(), name(answer)?)))
}

impl Common {
    /// All that are shared, by status.
    pub(super) fn all(document: Node<'_>, shared: &Shared<'_>) -> Vec<Self> {
        let described = document.get("components").get("responses").members();
        let mut all: Vec<_> = described
            .filter_map(|(name, node)| {
                let answer = Answer::of((shared.get(name)?, node));
                Some(Self { name: name.to_owned(), answer })
            })
            .collect();
        all.sort_by(|a, b| (&a.answer.status, &a.name).cmp(&(&b.answer.status, &b.name)));
        all
    }
}

impl Answer {
    /// The answer with this status.
    pub(super) fn of((status, answer): (&str, Node<'_>)) -> Self {
        // The document refers to headers by name and describes each once.
        let headers = answer.get("headers").value().as_object().into_iter().flatten();
        Self {
            status: status.to_owned(),
            about: Prose::of(answer.text_of("description")),
            headers: headers.filter_map(|(_, header)| name(header)).map(str::to_owned).collect(),
            media: answer
                .get("content")
                .members()
                .map(|(media, content)| {
                    let schema = content.value().get("schema").unwrap_or(&serde_json::Value::Null);
                    (media.to_owned(), schema::kind(schema))
                })
                .collect(),
            examples: answer
                .get("content")
                .members()
                .flat_map(|(_, media)| Example::all(media))
                .collect(),
        }
    }
}
