//! What it is, and where.

use serde_json::{Value, json};

use super::audience::Audience;
use crate::topology::{NAMESPACE, REQUESTS};

pub(super) fn info() -> Value {
    let description = format!(
        "Publish a request to the exchange `{requests}` from any client. Give a `message_id` (a \
        UUID: it becomes the id of the mission), and a `reply_to` with a `correlation_id` if you \
        want the mission back: a queue of your own, or `amq.rabbitmq.reply-to`. The same id always \
        means the same mission, so repeating a request is safe.\n\n\
        Publish persistent, with confirms and `mandatory`: without them a request that the broker \
        could not take is gone and nobody tells you.\n\n\
        A request that cannot be right becomes a dead letter with its reason, and an error reply \
        if there is somewhere to send it. Large orders may be answered in parts. A caller's other \
        headers are not passed on, and a `reply_to` that begins with `{NAMESPACE}` is refused.\n\n\
        What is tagged `internal` passes between the agents of spymission. It may change, may be \
        lost at any moment, and is asked for again.",
        requests = REQUESTS.name,
    );
    json!({
        "title": "spymission",
        "version": env!("CARGO_PKG_VERSION"),
        "description": description,
        "license": {
            "name": "MIT or Apache-2.0",
            "url": "https://spdx.org/licenses/MIT.html",
        },
        "tags": [Audience::Internal.reference(), Audience::Public.reference()],
    })
}

pub(super) fn servers() -> Value {
    json!({ "rabbitmq": {
        "host": "{host}",
        "pathname": "/{vhost}",
        "protocol": "amqp",
        "protocolVersion": "0.9.1",
        "description": "RabbitMQ 3.10 or newer; over TLS the scheme is `amqps`.",
        "security": [{ "$ref": "#/components/securitySchemes/user" }],
        "variables": {
            "host": {
                "description": "Host and port.",
                "default": "localhost:5672",
                "examples": ["localhost:5672", "rabbitmq.example:5671"],
            },
            "vhost": {
                "description": "The virtual host, percent-encoded: `%2f` is the default one.",
                "default": "%2f",
            },
        },
    } })
}
