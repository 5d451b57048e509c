//! The committed OpenAPI and AsyncAPI documents are those of the code, and what they say is true.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says so and ends")]

mod asyncapi;
#[path = "../drift/mod.rs"]
mod drift;
mod openapi;

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

/// The documents, each with the name of its file.
fn documents() -> [(&'static str, Value); 2] {
    [("openapi.json", schemas::openapi()), ("asyncapi.json", schemas::asyncapi())]
}

#[test]
fn the_committed_documents_are_those_of_the_code() {
    for (name, document) in documents() {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name));
        drift::assert_same(&format!("schemas/{name}"), &text.unwrap_or_default(), &document);
    }
}

#[test]
fn every_reference_leads_somewhere() {
    for (name, document) in documents() {
        let mut references = 0;
        each(&document, &mut |_, object| {
            let Some(reference) = object.get("$ref") else { return };
            let pointer = reference.as_str().unwrap().strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{name}: {reference}");
            references += 1;
        });
        assert!(references > 50, "{name}: {references}");
    }
}

#[test]
fn the_sample_is_what_the_casebook_makes_of_its_dossier() {
    let document = schemas::asyncapi();
    let sample =
        &document["components"]["messages"]["created"]["examples"][0]["payload"]["missions"][0];
    let told: schemas::Mission = serde_json::from_value(sample.clone()).unwrap();
    let decided =
        schemas::Casebook::malory().unwrap().decide(told.id, &told.dossier.with_example_parts());
    assert_eq!(decided.stored(told.created_at), told);
    assert_eq!(serde_json::to_value(&told).unwrap(), *sample);
}

/// Visits every object of a document, with the JSON pointer to it.
fn each(document: &Value, visit: &mut impl FnMut(&str, &Map<String, Value>)) {
    fn walk(path: &str, value: &Value, visit: &mut impl FnMut(&str, &Map<String, Value>)) {
        match value {
            Value::Object(members) => {
                visit(path, members);
                for (name, member) in members {
                    let name = name.replace('~', "~0").replace('/', "~1");
                    walk(&format!("{path}/{name}"), member, visit);
                }
            }
            Value::Array(items) => {
                for (i, item) in items.iter().enumerate() {
                    walk(&format!("{path}/{i}"), item, visit);
                }
            }
            _ => {}
        }
    }
    walk("", document, visit);
}

/// The errors that a schema of a document finds in a value.
fn errors(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut root = schema.clone();
    if let Value::Object(members) = &mut root {
        members.insert("components".to_owned(), document["components"].clone());
    }
    let options = jsonschema::draft202012::options().should_validate_formats(true);
    let validator = options.build(&root).unwrap_or_else(|error| panic!("{error}: {schema}"));
    validator
        .iter_errors(value)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect()
}

/// The object behind a reference, or the object itself.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(reference.strip_prefix('#').unwrap()).unwrap(),
        None => value,
    }
}

#[test]
fn an_example_that_breaks_its_schema_is_seen() {
    let document = schemas::openapi();
    let schema = json!({ "$ref": "#/components/schemas/Mission" });
    assert!(!errors(&document, &schema, &json!({ "id": "seven" })).is_empty());
}
