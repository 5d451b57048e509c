//! Who may rely on a channel, an operation or a message.

use serde_json::{Value, json};

/// Who may rely on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    /// Any client.
    Public,
    /// Our own processes only.
    Internal,
}

impl Audience {
    /// The tags of what is for this audience.
    pub(super) fn tags(self) -> Value {
        json!([self.reference()])
    }

    /// A reference to its tag.
    pub(super) fn reference(self) -> Value {
        json!({ "$ref": format!("#/components/tags/{}", self.name()) })
    }

    /// The tags themselves, as components.
    pub(super) fn all() -> Value {
        let tag =
            |of: Self, description: &str| json!({ "name": of.name(), "description": description });
        let (public, internal) = (Self::Public, Self::Internal);
        json!({
            public.name(): tag(public, "For any client."),
            internal.name(): tag(internal, "Between the processes of spymission."),
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Internal => "internal",
        }
    }
}
