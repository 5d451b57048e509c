//! JSON Schemas in words.

use serde_json::Value;

use super::node::{Node, name, pretty};
use super::prose::Prose;

/// What a field may hold, in words, with links to the schemas that it names.
pub(super) struct Kind {
    pub(super) before: String,
    /// The names of the schemas of which it is one.
    pub(super) links: Vec<String>,
    pub(super) after: String,
}

/// A field: a member of an object, a parameter, a header, a property of a message.
pub(super) struct Field {
    pub(super) name: String,
    /// Where it is, if that must be said: `query`, `header`.
    pub(super) place: String,
    pub(super) required: bool,
    pub(super) kind: Kind,
    pub(super) about: Prose,
    pub(super) example: String,
}

/// A schema with a name.
pub(super) struct Schema {
    pub(super) name: String,
    pub(super) about: Prose,
    pub(super) kind: Kind,
    pub(super) fields: Vec<Field>,
    pub(super) json: String,
}

impl Schema {
    pub(super) fn of(name: &str, schema: Node<'_>) -> Self {
        Self {
            name: name.to_owned(),
            about: Prose::of(schema.text_of("description")),
            kind: kind(schema.value()),
            fields: fields(schema),
            json: pretty(schema.value()),
        }
    }
}

/// The members of an object's schema, the required ones first.
pub(super) fn fields(schema: Node<'_>) -> Vec<Field> {
    let required: Vec<_> = schema.get("required").items().map(Node::text).collect();
    // Not along references: a member that refers says more than what it refers to.
    let members = schema.get("properties").value().as_object().into_iter().flatten();
    let mut fields: Vec<_> = members
        .map(|(name, member)| Field {
            name: name.clone(),
            place: String::new(),
            required: required.contains(&name.as_str()),
            kind: kind(member),
            about: Prose::of(text(member, "description")),
            example: example(member),
        })
        .collect();
    fields.sort_by_key(|field| !field.required);
    fields
}

/// A schema's own example.
fn example(schema: &Value) -> String {
    schema.pointer("/examples/0").map(shown).unwrap_or_default()
}

/// A value as a reader types it: a text without quotes.
pub(super) fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// What this schema allows.
pub(super) fn kind(schema: &Value) -> Kind {
    if let Some(name) = name(schema) {
        return Kind { before: String::new(), links: vec![name.to_owned()], after: String::new() };
    }
    for several in ["oneOf", "anyOf"] {
        let links: Vec<_> = list(schema, several).filter_map(name).map(str::to_owned).collect();
        if !links.is_empty() {
            return Kind { before: String::new(), links, after: String::new() };
        }
    }
    if let Some(items) = schema.get("items") {
        let of = kind(items);
        let bounds = bounds(schema, "minItems", "maxItems");
        return Kind { before: format!("list of {}", of.before), after: of.after + &bounds, ..of };
    }
    Kind { before: plain(schema), links: Vec::new(), after: String::new() }
}

fn plain(schema: &Value) -> String {
    if let Some(only) = schema.get("const") {
        return format!("“{}”", shown(only));
    }
    let values: Vec<_> = list(schema, "enum").map(shown).collect();
    if !values.is_empty() {
        return format!("one of {}", values.join(", "));
    }
    let types: Vec<_> = match schema.get("type") {
        Some(Value::Array(types)) => types.iter().map(shown).collect(),
        Some(one) => vec![shown(one)],
        None => vec!["anything".to_owned()],
    };
    let form = match text(schema, "format") {
        "" => String::new(),
        form => format!(", {form}"),
    };
    let long = match bounds(schema, "minLength", "maxLength") {
        long if long.is_empty() => long,
        long => format!("{long} characters"),
    };
    let wide = bounds(schema, "minimum", "maximum");
    format!("{}{form}{wide}{long}", types.join(" or "))
}

/// The bounds of a number, a length or a list.
fn bounds(schema: &Value, least: &str, most: &str) -> String {
    match (schema.get(least), schema.get(most)) {
        (Some(least), Some(most)) => format!(", {least} to {most}"),
        (Some(least), None) => format!(", {least} or more"),
        (None, Some(most)) => format!(", up to {most}"),
        (None, None) => String::new(),
    }
}

fn list<'a>(schema: &'a Value, member: &str) -> impl Iterator<Item = &'a Value> {
    schema.get(member).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(schema: &'a Value, member: &str) -> &'a str {
    schema.get(member).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn words(schema: Value) -> String {
        let Kind { before, links, after } = kind(&schema);
        format!("{before}{}{after}", links.join(" or "))
    }

    #[test]
    fn a_schema_is_told_in_words() {
        let mission = json!({ "$ref": "#/components/schemas/Mission" });
        assert_eq!(words(json!({ "type": "string", "format": "uuid" })), "string, uuid");
        let count = json!({ "type": "integer", "minimum": 1, "maximum": 256 });
        assert_eq!(words(count), "integer, 1 to 256");
        let key = json!({ "type": "string", "minLength": 1, "maxLength": 255 });
        assert_eq!(words(key), "string, 1 to 255 characters");
        assert_eq!(words(json!({ "oneOf": [mission, mission] })), "Mission or Mission");
        let list = json!({ "items": mission, "maxItems": 256 });
        assert_eq!(words(list), "list of Mission, up to 256");
        assert_eq!(words(json!({ "const": "accepted" })), "“accepted”");
        assert_eq!(words(json!({ "enum": [1, 2] })), "one of 1, 2");
        assert_eq!(words(json!({})), "anything");
    }

    #[test]
    fn required_members_come_first() {
        let schema = json!({
            "required": ["z"],
            "properties": { "a": { "type": "string" }, "z": { "description": "Last?" } },
        });
        let fields = fields(Node::root(&schema));
        assert_eq!((fields[0].name.as_str(), fields[0].required), ("z", true));
        assert_eq!((fields[1].name.as_str(), fields[1].required), ("a", false));
    }
}
