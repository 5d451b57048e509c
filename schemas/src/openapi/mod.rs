//! The HTTP door as an OpenAPI 3.1 document, made from the types that read and write it.

mod bodies;
mod component;
mod events;
mod headers;
mod info;
mod list;
mod mission;
mod order;
mod pages;
mod parameters;
mod responses;

use serde_json::{Value, json};

/// The member that every document of a standard begins with, and the media type of its own that it
/// comes as for whoever asks for it by name.
const OPENAPI: (&str, &str) = ("openapi", "application/vnd.oai.openapi+json");
const ASYNCAPI: (&str, &str) = ("asyncapi", "application/vnd.aai.asyncapi+json");

/// The OpenAPI document of the gateway. It is the same for every casebook and every setting.
pub fn openapi() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": info::info(),
        "jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base",
        "servers": [{ "url": "/", "description": "The gateway that serves this document." }],
        "security": [],
        "tags": info::tags(),
        "paths": {
            "/": pages::home(),
            "/missions": { "get": list::list(), "post": order::ask() },
            "/missions/events": events::listen(),
            "/missions/{id}": mission::read(),
            "/problems/{word}": pages::problem(),
            "/livez": pages::live(),
            "/readyz": pages::ready(),
            "/openapi.json": pages::document("getOpenapi", "This document", OPENAPI),
            "/asyncapi.json":
                pages::document("getAsyncapi", "The AMQP door, as AsyncAPI 3", ASYNCAPI),
            "/docs": pages::docs(),
        },
        "components": {
            "schemas": bodies::schemas(),
            "parameters": parameters::all(),
            "headers": headers::all(),
            "responses": responses::all(),
        },
    })
}
