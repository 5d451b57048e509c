//! The schemas of bodies, derived from the types that are written and read.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Map, Value};

use super::component::component;
use crate::dead_letter::LetterView;
use crate::http::{
    Accepted, BatchRecord, Begun, Correction, DeadLetters, LetterGroups, MissionCount, Order, Page,
    Readiness, Timeline,
};
use crate::json_schemas::settings;
use crate::operations::Operations;
use crate::{Mission, Missions, Problem};

/// Every schema, as components.
pub(super) fn schemas() -> Map<String, Value> {
    let mut generator = generator();
    for add in [
        SchemaGenerator::subschema_for::<MissionCount>,
        SchemaGenerator::subschema_for::<Mission>,
        SchemaGenerator::subschema_for::<Missions>,
        SchemaGenerator::subschema_for::<Page>,
        SchemaGenerator::subschema_for::<Accepted>,
        SchemaGenerator::subschema_for::<Timeline>,
        SchemaGenerator::subschema_for::<Readiness>,
        SchemaGenerator::subschema_for::<Operations>,
        SchemaGenerator::subschema_for::<DeadLetters>,
        SchemaGenerator::subschema_for::<LetterGroups>,
        SchemaGenerator::subschema_for::<LetterView>,
        SchemaGenerator::subschema_for::<Order>,
        SchemaGenerator::subschema_for::<Correction>,
        SchemaGenerator::subschema_for::<Begun>,
        SchemaGenerator::subschema_for::<BatchRecord>,
        SchemaGenerator::subschema_for::<Problem>,
    ] {
        add(&mut generator);
    }
    generator.take_definitions(true)
}

fn generator() -> SchemaGenerator {
    let of_components = |settings: &mut SchemaSettings| {
        settings.definitions_path = "/components/schemas".into();
    };
    settings().with(of_components).into_generator()
}

/// A body as an example.
pub(super) fn example(body: &impl Serialize) -> Value {
    serde_json::to_value(body).unwrap_or_default() // it cannot fail
}

/// A reference to the schema of a body.
pub(super) fn body<T: JsonSchema>() -> Value {
    component(&format!("schemas/{}", T::schema_name()))
}
