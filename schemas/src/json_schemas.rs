//! The JSON Schemas of the messages, made from the types that read and write them.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, json_schema};
use serde_json::{Map, Value};

use crate::{Decisions, LetterParts, Mission, Missions, NumberParts, Problem, Request, casebook};

/// Every JSON Schema (draft 2020-12) with the name of its file in `schemas/json/`.
///
/// `$id` is `urn:spymission:schema:<name>`, and none refers to another: one file is enough to
/// check one kind of message. They agree with the parsers, except for what a schema cannot say
/// (a body's largest size, the control characters of a text) and where the parsers are kinder
/// (a UUID without hyphens).
pub fn json_schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("request.schema.json", identified("request", request())),
        ("number-parts.schema.json", identified("number-parts", of::<NumberParts>())),
        ("letter-parts.schema.json", identified("letter-parts", of::<LetterParts>())),
        ("decisions.schema.json", identified("decisions", of::<Decisions>())),
        ("missions.schema.json", identified("missions", of::<Missions>())),
        ("mission.schema.json", identified("mission", of::<Mission>())),
        ("problem.schema.json", identified("problem", of::<Problem>())),
        ("casebook.schema.json", identified("casebook", casebook::json_schema())),
    ]
}

/// The schemas of these names and all they refer to, as components of a larger document: without
/// what only a document of its own has, and referring to `#/components/schemas/`.
pub(crate) fn components(names: &[&str]) -> Map<String, Value> {
    let mut components = Map::new();
    for (file, mut schema) in json_schemas() {
        let name = file.trim_end_matches(".schema.json");
        let Some(members) = schema.as_object_mut().filter(|_| names.contains(&name)) else {
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
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>()
}

fn identified(name: &str, mut schema: Schema) -> Value {
    schema.insert("$id".to_owned(), format!("urn:spymission:schema:{name}").into());
    schema.to_value()
}

/// What anybody may publish: the list that our own agents write, or `{}`.
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
