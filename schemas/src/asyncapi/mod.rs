//! The AMQP door as an AsyncAPI 3.0 document, made from the topology and the types of the messages.
//!
//! AsyncAPI knows the headers of a message, but not the properties that AMQP has beside them
//! (`message_id`, `reply_to`, `type` …): each message says what it has of those in
//! `x-amqp-properties`, a JSON Schema like that of its headers.

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

/// The AsyncAPI document of the exchanges and queues. What is tagged `internal` is what our own
/// agents say to each other; it is there to be understood, not to be relied on.
pub fn asyncapi() -> Value {
    let mut schemas = ["Request", "Decisions", "Missions", "Mission", "Problem"].to_vec();
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
                "description": "A user of RabbitMQ that may write to the exchanges it publishes \
                    to, and configure and read queues of its own.",
            } },
            "tags": Audience::all(),
            "correlationIds": { "correlation_id": {
                "description": "The AMQP property `correlation_id` of the request comes back with \
                    its reply. (AsyncAPI can name headers only: read it as the property.)",
                "location": "$message.header#/correlation_id",
            } },
        },
    })
}
