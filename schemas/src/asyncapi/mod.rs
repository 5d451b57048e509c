//! The AMQP API as an AsyncAPI 3.0 document, made from the topology and the types of the messages.
//!
//! AsyncAPI describes the headers of a message, but not its AMQP properties (`message_id`,
//! `reply_to`, `type` …). Each message has those in `x-amqp-properties`, a JSON Schema like that of
//! its headers.

mod audience;
mod channels;
mod info;
mod messages;
mod operations;
mod properties;

use serde_json::{Value, json};

use audience::Audience;

use crate::Part;
use crate::json_schemas::components;

/// The AsyncAPI document of the exchanges and queues. Channels and messages with the tag `internal`
/// are for our own processes; clients must not rely on them.
pub fn asyncapi() -> Value {
    let mut schemas = ["Request", "Decisions", "Missions", "Mission", "Problem", "Status"].to_vec();
    schemas.extend(Part::ALL.map(Part::title));
    let schemas = components(&schemas);
    json!({
        "asyncapi": "3.0.0",
        "id": "urn:spymission",
        "info": info::info(),
        "defaultContentType": "application/json",
        "servers": info::servers(),
        "channels": channels::all(),
        "operations": operations::all(),
        "components": {
            "messages": messages::all(),
            "schemas": schemas,
            "securitySchemes": { "user": {
                "type": "userPassword",
                "description": "A user of RabbitMQ that may write to the exchanges to which it \
                    publishes, and may configure and read its own queues.",
            } },
            "tags": Audience::all(),
            "correlationIds": { "correlation_id": {
                "description": "The AMQP property `correlation_id`. A reply has that of its \
                    request. (AsyncAPI can name headers only; the property is meant.)",
                "location": "$message.header#/correlation_id",
            } },
        },
    })
}
