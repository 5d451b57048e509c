//! The committed documents, against which what is really sent is checked.

use std::collections::HashMap;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::http::Said;

static OPENAPI: LazyLock<Document> =
    LazyLock::new(|| Document::read(include_str!("../../schemas/openapi.json")));
static ASYNCAPI: LazyLock<Document> =
    LazyLock::new(|| Document::read(include_str!("../../schemas/asyncapi.json")));

/// A document that can resolve its own references.
struct Document(Value);

impl Document {
    fn read(text: &str) -> Self {
        Self(serde_json::from_str(text).unwrap())
    }

    /// The object behind a reference, or the object itself.
    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self.0.pointer(reference.strip_prefix('#').unwrap()).unwrap(),
            None => value,
        }
    }

    /// A validator of this schema, formats included.
    fn validator(&self, schema: &Value) -> Validator {
        let mut root = schema.clone();
        root["components"] = self.0["components"].clone();
        let options = jsonschema::draft202012::options().should_validate_formats(true);
        options.build(&root).unwrap()
    }
}

/// How a value violates a schema.
fn errors(validator: &Validator, value: &Value) -> Vec<String> {
    let said = validator.iter_errors(value);
    said.map(|error| format!("{error} at `{}`", error.instance_path())).collect()
}

/// Fails unless the document describes this response to this method and path (as the document writes
/// it): its status, its content type, its headers and its body.
pub fn conforms(method: &str, path: &str, said: &Said) {
    let operation = &OPENAPI.0["paths"][path][method.to_lowercase()];
    let response = &operation["responses"][said.status.to_string()];
    assert!(!response.is_null(), "{method} {path} may not say {said:?}");
    let response = OPENAPI.resolved(response);
    for (name, header) in response["headers"].as_object().unwrap() {
        let header = OPENAPI.resolved(header);
        let there = said.headers.contains_key(name.to_lowercase());
        assert!(there || header["required"] != true, "{method} {path}: no {name}: {said:?}");
        if there {
            let wrong = errors(&OPENAPI.validator(&header["schema"]), &written(said.header(name)));
            assert!(wrong.is_empty(), "{method} {path}: {name}: {wrong:?}: {said:?}");
        }
    }
    let Some(content) = response["content"].as_object() else {
        return assert_eq!(said.body, "", "{method} {path} has no body: {said:?}");
    };
    let media = said.header("content-type").split(';').next().unwrap();
    let content = content.get(media).unwrap_or_else(|| panic!("{method} {path}: {said:?}"));
    let json = media.ends_with("json");
    let body = if json { said.json() } else { said.body.clone().into() };
    let wrong = errors(&OPENAPI.validator(&content["schema"]), &body);
    assert!(wrong.is_empty(), "{method} {path}: {wrong:?}: {said:?}");
}

/// A header as JSON: a number where it is one.
fn written(text: &str) -> Value {
    text.parse::<u64>().map_or_else(|_| text.into(), Value::from)
}

/// A message as it was published.
pub struct Published {
    pub exchange: String,
    pub properties: Value,
    pub headers: Value,
    pub body: Vec<u8>,
}

/// The three parts of a message that have a schema.
const PARTS: [&str; 3] = ["payload", "headers", "x-amqp-properties"];

/// Checks messages against the AsyncAPI document.
pub struct Judge {
    validators: HashMap<(String, &'static str), Validator>,
}

impl Judge {
    pub fn new() -> Self {
        let messages = ASYNCAPI.0["components"]["messages"].as_object().unwrap();
        let all = messages.iter().flat_map(|(name, message)| {
            let of_part =
                |part: &'static str| ((name.clone(), part), ASYNCAPI.validator(&message[part]));
            PARTS.map(of_part)
        });
        Self { validators: all.collect() }
    }

    /// The names of all messages that the document describes.
    pub fn names() -> impl Iterator<Item = String> {
        let messages = ASYNCAPI.0["components"]["messages"].as_object().unwrap();
        messages.keys().cloned()
    }

    /// The name that the document has for a message of this exchange and `type`.
    pub fn name(&self, message: &Published) -> Option<String> {
        let channels = ASYNCAPI.0["channels"].as_object().unwrap();
        let binding = |channel: &&Value| {
            channel["bindings"]["amqp"]["exchange"]["name"] == message.exchange.as_str()
        };
        let channels = channels.values().filter(binding);
        let fits = |name: &&String| {
            let told = &ASYNCAPI.0["components"]["messages"][name.as_str()];
            told["bindings"]["amqp"]["messageType"] == message.properties["type"]
        };
        let mut names =
            channels.flat_map(|channel| channel["messages"].as_object().unwrap().keys());
        names.find(fits).cloned()
    }

    /// How a message of this name violates the document.
    pub fn errors(&self, name: &str, message: &Published) -> Vec<String> {
        let body = match serde_json::from_slice(&message.body) {
            Ok(body) => body,
            Err(_) if name == "deadLetter" => json!(String::from_utf8_lossy(&message.body)),
            Err(error) => return vec![format!("the body is no JSON: {error}")],
        };
        let values = [&body, &message.headers, &message.properties];
        let of_part = |(part, value): (&'static str, &Value)| {
            let validator = &self.validators[&(name.to_owned(), part)];
            errors(validator, value).into_iter().map(move |wrong| format!("{part}: {wrong}"))
        };
        PARTS.into_iter().zip(values).flat_map(of_part).collect()
    }
}
