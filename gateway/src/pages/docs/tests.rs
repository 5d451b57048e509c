//! Facts about the documentation page, on documents of a few lines.

use serde_json::json;

use super::docs;

#[test]
fn an_operation_is_told_with_all_that_it_refers_to() {
    let id = json!({
        "name": "id", "in": "path", "required": true, "example": "7", "description": "Which.",
        "schema": { "type": "integer", "minimum": 1, "maximum": 9 },
    });
    let read = json!({
        "operationId": "readOne", "summary": "Read one",
        "responses": { "200": { "$ref": "#/components/responses/one" } },
    });
    let openapi = json!({
        "paths": { "/things/{id}": {
            "parameters": [{ "$ref": "#/components/parameters/id" }], "get": read,
        } },
        "components": {
            "parameters": { "id": id },
            "headers": { "etag": { "description": "Its tag.", "schema": { "type": "string" } } },
            "responses": { "one": {
                "description": "Here it is.",
                "headers": { "ETag": { "$ref": "#/components/headers/etag" } },
                "content": { "application/json": {
                    "schema": { "$ref": "#/components/schemas/Thing" }, "example": { "a": 1 },
                } },
            } },
            "schemas": { "Thing": { "properties": { "a": { "type": "integer" } } } },
        },
    });
    let html = docs(&openapi, &json!({}));
    for told in [
        "<h3 id=\"readOne\">",
        "<code>/things/{id}</code>",
        "<code>curl localhost:8080/things/7</code>",
        "integer, 1 to 9",
        "Here it is.",
        "<a href=\"#header-etag\">",
        "<tr id=\"header-etag\">",
        "<a href=\"#schema-Thing\">",
        "<h3 id=\"schema-Thing\">",
    ] {
        assert!(html.contains(told), "{told} is not in {html}");
    }
}

#[test]
fn a_channel_is_told_with_its_exchange_its_operations_and_its_replies() {
    let reference = |path: &str| json!({ "$ref": format!("#/{path}") });
    let asyncapi = json!({
        "channels": { "wishes": {
            "address": "wish.requests",
            "bindings": { "amqp": { "exchange": { "name": "wish.requests", "type": "fanout" } } },
        } },
        "operations": { "receiveWish": {
            "action": "receive",
            "channel": reference("channels/wishes"),
            "messages": [reference("channels/wishes/messages/wish")],
            "bindings": { "amqp": { "deliveryMode": 2, "mandatory": true } },
            "reply": { "messages": [reference("channels/wishes/messages/answer")] },
        } },
        "components": { "messages": { "wish": {
            "title": "A wish", "payload": {},
            "x-amqp-properties": { "properties": { "message_id": { "type": "string" } } },
            "examples": [{ "summary": "One", "payload": { "a": 1 }, "headers": { "h": 2 } }],
        } } },
    });
    let html = docs(&json!({}), &asyncapi);
    for told in [
        "<h3 id=\"channel-wishes\">",
        "fanout exchange wish.requests",
        "<strong>spymission receives</strong> <a href=\"#message-wish\">",
        "(persistent, mandatory)",
        "and answers with <a href=\"#message-answer\">",
        "<h3 id=\"message-wish\">",
        "<code>message_id</code>",
        "Example: One",
        "headers {",
    ] {
        assert!(html.contains(told), "{told} is not in {html}");
    }
}

#[test]
fn every_link_inside_the_page_leads_somewhere() {
    let html = docs(&schemas::openapi(), &schemas::asyncapi());
    let links: Vec<_> =
        html.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(links.len() > 100, "{links:?}");
    for link in links {
        let anchors = html.matches(&format!(" id=\"{link}\"")).count();
        assert_eq!(anchors, 1, "#{link}");
    }
}
