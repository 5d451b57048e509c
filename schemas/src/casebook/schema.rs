//! The JSON Schema of a casebook, for editors that check TOML. It is written by hand, as the parser
//! is. Gaps, and rules that never match, are found by the parser only.

use schemars::{Schema, json_schema};

use crate::{Number, Text};

pub(crate) fn json_schema() -> Schema {
    json_schema!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Casebook",
        "description": "The rules of an agency. In each list the first rule from the top that \
            matches decides; every number from 0 to 19 and every letter from a to z needs one.",
        "type": "object",
        "additionalProperties": false,
        "required": ["name", "objective", "target"],
        "properties": {
            "name": {
                "description": "Events are announced under it.",
                "type": "string",
                "pattern": "^[a-z0-9-]{1,63}$",
            },
            "objective": rules("Chosen by the first number.", &json_schema!({
                "number": number(0, "It is this number."),
                "divisible_by": number(1, "It is divisible by this number, as 0 always is."),
                "at_least": number(0, "It is this number or a larger one."),
                "at_most": number(0, "It is this number or a smaller one."),
                "text": text("What to do."),
            })),
            "target": rules("Chosen by the first letter.", &json_schema!({
                "letters": {
                    "description": "It is one of these, a to z; each is listed once.",
                    "type": "string",
                    "pattern": "^[a-z]{1,26}$",
                },
                "text": text("To whom."),
            })),
        },
    })
}

fn rules(description: &str, properties: &Schema) -> Schema {
    let hint = "All conditions of a rule must hold; a rule without any takes any other.";
    json_schema!({
        "description": format!("{description} {hint}"),
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["text"],
            "properties": properties,
        },
    })
}

fn number(minimum: u8, description: &str) -> Schema {
    json_schema!({
        "description": description,
        "type": "integer",
        "minimum": minimum,
        "maximum": Number::MAX,
    })
}

fn text(description: &str) -> Schema {
    json_schema!({
        "description": description,
        "type": "string",
        "minLength": 1,
        "maxLength": Text::MAX,
    })
}
