//! Walks through a document and follows its references.

use serde_json::{Map, Value};

/// The most references that are followed one after another.
const MAX_REFERENCES: usize = 8;

/// A node of a document. What is missing counts as null, as an empty text, or as nothing.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    document: &'a Value,
    value: &'a Value,
}

impl<'a> Node<'a> {
    /// The document itself.
    pub(super) fn root(document: &'a Value) -> Self {
        Self { document, value: document }
    }

    /// A member, and what it refers to.
    pub(super) fn get(self, name: &str) -> Self {
        self.at(self.value.get(name).unwrap_or(&Value::Null))
    }

    /// The value of this node.
    pub(super) fn value(self) -> &'a Value {
        self.value
    }

    /// The text of this node.
    pub(super) fn text(self) -> &'a str {
        self.value.as_str().unwrap_or_default()
    }

    /// The text of a member.
    pub(super) fn text_of(self, name: &str) -> &'a str {
        self.get(name).text()
    }

    /// Whether there is anything.
    pub(super) fn is_there(self) -> bool {
        !self.value.is_null()
    }

    /// The members of this object and what they refer to, by name.
    pub(super) fn members(self) -> impl Iterator<Item = (&'a str, Self)> {
        let members = self.value.as_object().into_iter().flat_map(Map::iter);
        members.map(move |(name, value)| (name.as_str(), self.at(value)))
    }

    /// The items of this list and what they refer to.
    pub(super) fn items(self) -> impl Iterator<Item = Self> {
        self.value.as_array().into_iter().flatten().map(move |value| self.at(value))
    }

    /// The last words of the references in this list: `#/components/schemas/Mission` is `Mission`.
    pub(super) fn names(self) -> Vec<String> {
        let items = self.value.as_array().into_iter().flatten();
        items.filter_map(name).map(str::to_owned).collect()
    }

    fn at(self, mut value: &'a Value) -> Self {
        for _ in 0..MAX_REFERENCES {
            let Some(path) = reference(value).and_then(|text| text.strip_prefix('#')) else {
                break;
            };
            value = self.document.pointer(path).unwrap_or(&Value::Null);
        }
        Self { value, ..self }
    }
}

fn reference(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str()
}

/// The last word of this reference.
pub(super) fn name(value: &Value) -> Option<&str> {
    reference(value)?.rsplit('/').next()
}

/// JSON as people read it.
pub(super) fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() // a value cannot fail
}
