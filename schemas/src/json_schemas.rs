//! The JSON Schemas of the messages, derived from the types that are written and read.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};

use crate::{Decisions, Mission, Missions, Part, Problem, Request, Status, casebook};

/// Every JSON Schema (draft 2020-12) with the name of its file in `schemas/json/`.
///
/// `$id` is `urn:spymission:schema:<name>`. No file refers to another, so one file is enough to
/// check one type of message. The schemas and the parsers agree, with two exceptions. A schema cannot
/// express some limits: the size of a body, control characters in a text. The parsers also accept a
/// UUID without hyphens.
pub fn json_schemas() -> Vec<(String, Value)> {
    let of_part = |part: Part| (format!("{}-parts", part.name()), part.schema(generator()));
    let others = [
        ("request".to_owned(), request()),
        ("decisions".to_owned(), of::<Decisions>()),
        ("missions".to_owned(), of::<Missions>()),
        ("mission".to_owned(), of::<Mission>()),
        ("problem".to_owned(), of::<Problem>()),
        ("status".to_owned(), of::<Status>()),
        ("casebook".to_owned(), casebook::json_schema()),
    ];
    let all = others.into_iter().chain(Part::ALL.map(of_part));
    all.map(|(name, schema)| (format!("{name}.schema.json"), identified(&name, schema))).collect()
}

/// The schemas with these titles, and all schemas that they refer to, as components of a larger
/// document.
pub(crate) fn components(titles: &[&str]) -> Map<String, Value> {
    let mut components = Map::new();
    for (_, mut schema) in json_schemas() {
        let named = schema
            .get("title")
            .and_then(Value::as_str)
            .is_some_and(|title| titles.contains(&title));
        let Some(members) = schema.as_object_mut().filter(|_| named) else {
            continue;
        };
        let [title, definitions, ..] =
            ["title", "$defs", "$id", "$schema"].map(|member| members.remove(member));
        if let Some(Value::Object(definitions)) = definitions {
            components.extend(definitions);
        }
        if let Some(Value::String(title)) = title {
            components.insert(title, schema);
        }
    }
    components.values_mut().for_each(refer_to_components);
    components
}

fn refer_to_components(schema: &mut Value) {
    match schema {
        Value::String(text) => {
            if let Some(name) = text.strip_prefix("#/$defs/") {
                *text = format!("#/components/schemas/{name}");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(refer_to_components),
        Value::Object(members) => members.values_mut().for_each(refer_to_components),
        _ => {}
    }
}

fn of<T: JsonSchema>() -> Schema {
    generator().into_root_schema_for::<T>()
}

fn generator() -> SchemaGenerator {
    settings().into_generator()
}

/// How schemas are derived, here and in the documents.
pub(crate) fn settings() -> SchemaSettings {
    SchemaSettings::draft2020_12().with_transform(RecursiveTransform(join_lines))
}

/// Joins the lines of a description. They come from a comment in the code.
fn join_lines(schema: &mut Schema) {
    if let Some(Value::String(description)) = schema.get_mut("description") {
        *description = description.replace('\n', " ");
    }
}

fn identified(name: &str, mut schema: Schema) -> Value {
    schema.insert("$id".to_owned(), format!("urn:spymission:schema:{name}").into());
    schema.to_value()
}

/// A request of any client: a list, as our own processes write it, or `{}`.
fn request() -> Schema {
    let mut list = of::<Request>();
    let of_the_whole = ["$schema", "$defs", "title"];
    let taken = of_the_whole.map(|key| list.remove(key).map(|value| (key.to_owned(), value)));
    let mut schema = Schema::from(taken.into_iter().flatten().collect::<Map<_, _>>());
    list.insert("description".to_owned(), "The missions with these ids.".into());
    let empty = json_schema!({
        "description": "The one mission whose id is the property `message_id`.",
        "type": "object",
        "additionalProperties": false,
    });
    schema.insert("description".to_owned(), "A request for missions.".into());
    schema.insert("oneOf".to_owned(), vec![list.to_value(), empty.to_value()].into());
    schema
}
