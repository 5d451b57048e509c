//! The description of the API, and the server.

use serde_json::{Value, json};

use super::audience::Audience;
use crate::topology::{NAMESPACE, REQUESTS};

pub(super) fn info() -> Value {
    let description = format!(
        "Publish a request to the exchange `{requests}` from any client. Set `message_id` to a UUID: \
        it becomes the id of the mission. To get the mission back, set `correlation_id` and \
        `reply_to`: a queue of your own, or `amq.rabbitmq.reply-to`. The same id always means the \
        same mission, so a request can be repeated safely.\n\n\
        Publish persistent messages, with confirms and `mandatory`. Without them you do not learn \
        that the broker could not take a request.\n\n\
        A wrong request becomes a dead letter with its reason. If it has a `reply_to`, an error \
        reply is sent there. The reply to a large request may come in several messages. Other \
        headers of a caller are not passed on, and a `reply_to` that begins with `{NAMESPACE}` is \
        refused.\n\n\
        Everything with the tag `internal` passes between the processes of spymission. It may \
        change. Such a message may be lost at any moment; the question is then repeated.",
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
