//! References to components.

use serde_json::{Value, json};

/// A reference to a component: `schemas/Mission`.
pub(super) fn component(path: &str) -> Value {
    json!({ "$ref": format!("#/components/{path}") })
}
