//! The HTTP API as an OpenAPI 3.1 document. Bodies come from the types that are written and read.

mod acts;
mod bodies;
mod component;
mod drills;
mod events;
mod headers;
mod info;
mod letters;
mod list;
mod mission;
mod operations;
mod pages;
mod parameters;
mod post;
mod responses;
mod timeline;

use serde_json::{Value, json};

/// The first member of every document of a standard, and the standard's own media type.
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
            "/missions": { "get": list::list(), "post": post::post() },
            "/missions/events": events::listen(),
            "/missions/{id}": mission::read(),
            "/missions/{id}/timeline": timeline::read(),
            "/operations": operations::state(),
            "/operations/events": operations::events(),
            "/operations/dead-letters": letters::list(),
            "/operations/dead-letters/groups": letters::groups(),
            "/operations/dead-letters/preview": letters::preview(),
            "/operations/dead-letters/replay": acts::replay(),
            "/operations/dead-letters/discard": acts::discard(),
            "/operations/dead-letters/actions/{batch}": letters::record(),
            "/operations/dead-letters/{letter}": letters::letter(),
            "/operations/dead-letters/{letter}/edit":
                together(letters::edit(), acts::correct()),
            "/operations/drills/{drill}": drills::begin(),
            "/operations/login": operations::log_in(),
            "/operations/logout": operations::log_out(),
            "/problems/{word}": pages::problem(),
            "/livez": pages::live(),
            "/readyz": pages::ready(),
            "/openapi.json": pages::document("getOpenapi", "This document", OPENAPI),
            "/asyncapi.json":
                pages::document("getAsyncapi", "The AMQP API, as AsyncAPI 3", ASYNCAPI),
            "/casebook": pages::casebook(),
            "/docs": pages::docs(),
            "/docs/{page}": pages::docs_page(),
        },
        "components": {
            "schemas": bodies::schemas(),
            "parameters": parameters::all(),
            "headers": headers::all(),
            "responses": responses::all(),
            "securitySchemes": operations::schemes(),
        },
    })
}

/// The operations of two methods at one address.
fn together(mut path: Value, other: Value) -> Value {
    if let (Value::Object(path), Value::Object(other)) = (&mut path, other) {
        path.extend(other);
    }
    path
}
