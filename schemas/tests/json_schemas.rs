//! The committed JSON Schemas are those of the types, and agree with the parsers.

mod drift;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use schemas::{Casebook, Decisions, Dossier, Missions, Part};
use schemas::{
    CreatedAt, MissionId, MissionIds, Problem, ProblemKind, Request, Role, Status, json_schemas,
};
use serde::Serialize;
use serde_json::{Value, json};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const ID: &str = "019abc00-1111-7222-8333-444455556600";
const DOSSIER: &str = "19 z 4 a 7 k 0 b 12 q 3 m";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("json")
}

/// The committed files: name and content.
fn committed() -> Outcome<BTreeMap<String, String>> {
    let file = |entry: std::io::Result<fs::DirEntry>| {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        Ok((name, fs::read_to_string(entry.path())?))
    };
    fs::read_dir(folder())?.map(file).collect()
}

#[test]
fn the_committed_json_schemas_are_those_of_the_types() {
    let mut committed = committed().unwrap();
    for (name, schema) in json_schemas() {
        let text = committed.remove(&name).unwrap_or_default();
        drift::assert_same(&format!("schemas/json/{name}"), &text, &schema);
    }
    assert!(committed.is_empty(), "of no type: {:?}; remove them", committed.keys());
}

#[test]
fn every_schema_is_one_of_draft_2020_12_with_an_id_and_a_title() {
    for (name, schema) in json_schemas() {
        assert!(jsonschema::draft202012::meta::is_valid(&schema), "{name}");
        let id = format!("urn:spymission:schema:{}", name.strip_suffix(".schema.json").unwrap());
        assert_eq!(schema["$id"], id);
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert!(schema["title"].is_string() && schema["description"].is_string(), "{name}");
    }
}

/// Whether the committed schema of this name, formats included, accepts a message.
fn accepts(name: &str, message: &Value) -> Outcome<bool> {
    let text = fs::read_to_string(folder().join(format!("{name}.schema.json")))?;
    let schema = serde_json::from_str(&text)?;
    let options = jsonschema::draft202012::options().should_validate_formats(true);
    Ok(options.build(&schema)?.is_valid(message))
}

/// A message as our own processes write it.
fn written(message: impl Serialize) -> Outcome<Value> {
    Ok(serde_json::to_value(message)?)
}

/// One message of each kind, with the name of its schema.
fn samples() -> Outcome<Vec<(String, Value)>> {
    let (id, dossier) = (ID.parse::<MissionId>()?, DOSSIER.parse::<Dossier>()?);
    let many = (0..256).map(|n| uuid::Uuid::from_u128(n).into()).collect::<Vec<MissionId>>();
    let decision = Casebook::malory()?.decide(id, &dossier.with_example_parts());
    let stored_at = CreatedAt::from_micros(1_795_353_891_123_456).ok_or("no such time")?;
    let mission = decision.clone().stored(stored_at);
    let problem = Problem::new(ProblemKind::Invalid, "`count` is 257: 1 to 256");
    let others = [
        ("request", written(Request { missions: MissionIds::one(id) })?),
        ("request", written(Request { missions: many.try_into()? })?),
        ("request", json!({})),
        ("decisions", written(Decisions { missions: vec![decision] })?),
        ("missions", written(Missions { missions: vec![mission.clone()] })?),
        ("mission", written(mission)?),
        ("problem", written(problem.clone())?),
        ("problem", written(problem.about([id]))?),
        ("status", written(Status::new(Role::Decider, "decider.1", stored_at))?),
        ("casebook", toml::from_str(Casebook::MALORY)?),
    ];
    let parts = Part::ALL.map(|part| (format!("{}-parts", part.name()), part.sample()));
    let others = others.map(|(name, message)| (name.to_owned(), message));
    Ok(others.into_iter().chain(parts).collect())
}

#[test]
fn what_our_processes_write_is_valid() {
    for (name, message) in samples().unwrap() {
        assert!(accepts(&name, &message).unwrap(), "{name}: {message}");
    }
}

#[test]
fn every_schema_has_a_sample() {
    let samples = samples().unwrap();
    for (file, _) in json_schemas() {
        assert!(samples.iter().any(|(name, _)| file == format!("{name}.schema.json")), "{file}");
    }
}

#[test]
fn messages_from_outside_that_the_parser_refuses_are_not_valid_and_others_are() {
    let ids = |n: u128| (0..n).map(|n| uuid::Uuid::from_u128(n).to_string()).collect::<Vec<_>>();
    for (message, good) in [
        (json!({ "missions": ids(256) }), true),
        (json!({}), true),
        (json!({ "missions": ids(257) }), false),
        (json!({ "missions": ids(0) }), false),
        (json!({ "missions": [ID, ID] }), false),
        (json!({ "missions": ["seven"] }), false),
        (json!({ "missions": [7] }), false),
        (json!({ "missions": ID }), false),
        (json!({ "missions": null }), false),
        (json!({ "missions": [ID], "reply_to": "me" }), false),
        (json!({ "mission": [ID] }), false),
        (json!([[ID]]), false),
        (json!([]), false),
        (json!(null), false),
    ] {
        assert_eq!(accepts("request", &message).unwrap(), good, "{message}");
        let parsed = Request::parse(message.to_string().as_bytes(), Some(ID));
        assert_eq!(parsed.is_ok(), good, "{message}");
    }
}

/// A sample with another value in this member, or without it.
fn with(sample: &str, pointer: &str, value: Option<Value>) -> Outcome<Value> {
    let mut samples = samples()?.into_iter().filter(|(name, _)| *name == sample);
    let (_, mut message) = samples.next().ok_or("no such sample")?;
    let (parent, member) = pointer.rsplit_once('/').ok_or("no pointer")?;
    let parent = message.pointer_mut(parent).ok_or("no such place")?;
    match (parent, value) {
        (Value::Array(items), Some(value)) => {
            *items.get_mut(member.parse::<usize>()?).ok_or("not there")? = value;
        }
        (Value::Object(members), Some(value)) => drop(members.insert(member.to_owned(), value)),
        (Value::Object(members), None) => drop(members.remove(member).ok_or("not there")?),
        _ => return Err("nothing to change".into()),
    }
    Ok(message)
}

#[test]
fn wrong_messages_are_not_valid() {
    let part = json!([19, 4, 7, 0, 12, 3]);
    for (name, pointer, value) in [
        ("number-parts", "/numbers/0/5", Some(json!(20))),
        ("number-parts", "/numbers/0/0", Some(json!(-1))),
        ("number-parts", "/numbers/0", Some(json!([1, 2, 3, 4, 5]))),
        ("number-parts", "/numbers", Some(json!([]))),
        ("number-parts", "/numbers", Some(json!(vec![part; 257]))),
        ("letter-parts", "/letters/0", Some(json!("zakbq"))),
        ("letter-parts", "/letters/0", Some(json!("Zakbqm"))),
        ("letter-parts", "/letters", None),
        ("decisions", "/missions/0/dossier", Some(json!("20 z 4 a 7 k 0 b 12 q 3 m"))),
        ("decisions", "/missions/0/objective", Some(json!(""))),
        ("decisions", "/missions/0/target", Some(json!("x".repeat(64)))),
        ("missions", "/missions/0/created_at", None),
        ("mission", "/created_at", Some(json!("yesterday"))),
        ("mission", "/id", Some(json!("seven"))),
        ("problem", "/type", Some(json!("/problems/bad-weather"))),
        ("problem", "/status", Some(json!(200))),
        ("problem", "/detail", None),
        ("casebook", "/name", Some(json!("James Bond"))),
        ("casebook", "/objective/0/number", Some(json!(20))),
        ("casebook", "/target/0/letters", Some(json!("ä"))),
        ("casebook", "/agency", Some(json!(1))),
    ] {
        let message = with(name, pointer, value).unwrap();
        assert!(!accepts(name, &message).unwrap(), "{name} {pointer}: {message}");
    }
}

#[test]
fn readers_of_missions_ignore_members_that_they_do_not_know() {
    let message = with("mission", "/priority", Some(json!(7))).unwrap();
    assert!(accepts("mission", &message).unwrap());
    assert!(serde_json::from_value::<schemas::Mission>(message).is_ok());
}
