//! The schemas of bodies: those of the messages, and the few that only HTTP has.

use serde_json::{Value, json};

use super::component::component;
use super::parameters::CURSORS;
use crate::json_schemas::components;
use crate::{MissionIds, sample};

pub(super) fn schemas() -> Value {
    let mut schemas = components(&["Mission", "Missions", "Problem"]);
    let own = [
        ("Order", order()),
        ("Page", page()),
        ("Accepted", accepted()),
        ("Readiness", readiness()),
    ];
    schemas.extend(own.map(|(name, schema)| (name.to_owned(), schema)));
    schemas.into()
}

fn order() -> Value {
    json!({
        "description": "What is asked for: one mission, or a list of `count`.",
        "type": "object",
        "additionalProperties": false,
        "properties": { "count": {
            "description": "How many missions, as a list. Without it: one mission, and no list.",
            "type": "integer", "minimum": 1, "maximum": MissionIds::MAX, "examples": [3],
        } },
    })
}

fn page() -> Value {
    json!({
        "description": "Missions, newest first.",
        "type": "object",
        "required": ["missions"],
        "properties": {
            "missions": {
                "type": "array", "maxItems": MissionIds::MAX,
                "items": component("schemas/Mission"),
            },
            "unreadable": {
                "description": "Ids of rows that are stored and cannot be read; the list goes on \
                                without them. Absent if there are none.",
                "type": "array", "maxItems": MissionIds::MAX,
                "items": { "type": "string", "format": "uuid" },
            },
            "next": {
                "description": "The cursor of the next page, when there is one.",
                "type": "string", "pattern": CURSORS, "examples": [sample::CURSOR],
            },
        },
    })
}

fn accepted() -> Value {
    json!({
        "description": "The request stands; its missions do not yet.",
        "type": "object",
        "required": ["status", "location"],
        "properties": {
            "status": { "const": "accepted" },
            "location": {
                "description": "Where they will be; the same as the header `Location`.",
                "type": "string", "format": "uri-reference",
            },
        },
    })
}

fn readiness() -> Value {
    json!({
        "description": "Whether requests can be taken, and who is silent.",
        "type": "object",
        "required": ["status", "broker", "workers", "database"],
        "properties": {
            "status": { "enum": ["ready", "degraded", "not ready"] },
            "broker": { "type": "string", "examples": ["up"] },
            "workers": { "enum": ["answering", "silent"] },
            "database": { "type": "string", "examples": ["up"] },
        },
    })
}
