//! An example of a body.

use super::node::{Node, pretty};

/// An example of a body.
pub(super) struct Example {
    pub(super) about: String,
    pub(super) text: String,
}

impl Example {
    /// The examples of a body of this media type.
    pub(super) fn all(media: Node<'_>) -> Vec<Self> {
        let one = media.get("example");
        let alone =
            one.is_there().then(|| Self { about: String::new(), text: pretty(one.value()) });
        let named = media.get("examples").members().map(|(name, example)| Self {
            about: match example.text_of("summary") {
                "" => name.to_owned(),
                summary => summary.to_owned(),
            },
            text: pretty(example.get("value").value()),
        });
        alone.into_iter().chain(named).collect()
    }
}
