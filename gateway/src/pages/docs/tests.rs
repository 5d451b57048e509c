//! Facts about the documentation page, on documents of a few lines.

use serde_json::{Value, json};

use super::{Frame, Offer, shown_rust, site};
use crate::pages::assets::picture;

const ALL: Offer = Offer { amqp: true, send: true };

/// One page of these documents.
fn page(name: &str, openapi: &Value, asyncapi: &Value) -> String {
    let mut pages = site(openapi, asyncapi, ALL).into_iter();
    pages.find(|(page, _)| *page == name).unwrap().1
}

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
    let html = page("http", &openapi, &json!({})) + &page("schemas", &openapi, &json!({}));
    for told in [
        "<details class=\"operation\" id=\"readOne\"",
        "<code>/things/{id}</code>",
        "<code>curl &#39;http://localhost:8080/things/7&#39;</code>",
        "integer, 1 to 9",
        "Here it is.",
        "<a href=\"#header-etag\">",
        "<tr id=\"header-etag\">",
        "<a href=\"/docs/schemas#schema-Thing\">",
        "id=\"schema-Thing\"",
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
    let html = page("amqp", &json!({}), &asyncapi);
    for told in [
        "id=\"channel-wishes\"",
        "fanout exchange wish.requests",
        "<strong>spymission receives</strong> <a href=\"/docs/amqp#message-wish\">",
        "(persistent, mandatory)",
        "and answers with <a href=\"/docs/amqp#message-answer\">",
        "id=\"message-wish\"",
        "<code>message_id</code>",
        "Example: One",
        "headers {",
    ] {
        assert!(html.contains(told), "{told} is not in {html}");
    }
}

/// Also from page to page: the texts of files have links to one another.
#[test]
fn every_link_inside_the_site_leads_somewhere() {
    let pages = site(&schemas::openapi(), &schemas::asyncapi(), ALL);
    let mut links = 0;
    for (name, html) in &pages {
        for link in html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let (page, anchor) = link.split_once('#').unwrap_or((link, ""));
            let page = match page.strip_prefix("/docs") {
                _ if page.is_empty() => name,
                None => continue,
                Some(rest) => rest.trim_start_matches('/'),
            };
            links += 1;
            let found = pages.iter().find(|(name, _)| *name == page);
            let (_, html) = found.unwrap_or_else(|| panic!("{name} leads to {link}"));
            let anchors = html.matches(&format!(" id=\"{anchor}\"")).count();
            assert!(anchor.is_empty() || anchors == 1, "{name} leads to {link}: {anchors}");
        }
    }
    assert!(links > 500, "{links}");
}

#[test]
fn no_page_has_an_attribute_that_its_policy_forbids() {
    for (name, html) in site(&schemas::openapi(), &schemas::asyncapi(), ALL) {
        for forbidden in [" style=", " onclick=", "<script>"] {
            assert!(!html.contains(forbidden), "{name}: {forbidden}");
        }
    }
}

#[test]
fn a_page_lists_every_page_and_its_own_sections_and_marks_itself() {
    let html = page("operate", &schemas::openapi(), &schemas::asyncapi());
    assert!(
        html.contains("<a href=\"/docs/operate\" aria-current=\"page\">Operate it</a>"),
        "{html}"
    );
    assert!(
        html.contains("<li><a href=\"#learn-by-breaking\">Learn by breaking</a></li>"),
        "{html}"
    );
    for (name, title) in Frame::of("", Vec::new()).topics() {
        let address = super::address(name);
        assert!(html.contains(&format!("<li><a href=\"{address}\"")), "{title}");
    }
}

#[test]
fn an_operation_is_shown_in_four_languages_and_the_first_is_chosen() {
    let html = page("http", &schemas::openapi(), &schemas::asyncapi());
    let one = html.split("id=\"requestMissions\"").nth(1).unwrap();
    for told in [
        "id=\"in-requestMissions-curl\" checked><label for=\"in-requestMissions-curl\">curl</label>",
        "<code>curl -X POST &#39;http://localhost:8080/missions&#39;</code>",
        "Request(&#34;http://localhost:8080/missions&#34;, method=&#34;POST&#34;)",
        "await fetch(&#34;http://localhost:8080/missions&#34;, { method: &#34;POST&#34; })",
        ".post(&#34;http://localhost:8080/missions&#34;)",
    ] {
        assert!(one.contains(told), "{told} is not in {one}");
    }
}

#[test]
fn without_an_amqp_door_its_page_says_so() {
    let page = |amqp| {
        let pages = site(&schemas::openapi(), &schemas::asyncapi(), Offer { amqp, ..ALL });
        pages.into_iter().find(|(name, _)| *name == "amqp").unwrap().1
    };
    let told = "This process has no AMQP door";
    assert!(page(false).contains(told) && !page(true).contains(told));
}

#[test]
fn what_callers_use_comes_first_and_the_rest_is_folded() {
    let html = page("amqp", &schemas::openapi(), &schemas::asyncapi());
    let place = |text: &str| html.find(text).unwrap_or_else(|| panic!("{text}"));
    let [public, internal] =
        ["<h2 class=\"part\" id=\"public\">", "<details class=\"topic\" id=\"internal\">"];
    assert!(place(public) < place(internal));
    assert!(place("id=\"message-request\"") < place(internal));
    assert!(place("id=\"message-decisions\"") > place(internal));
}

#[test]
fn the_rust_that_is_compiled_is_the_rust_that_is_shown() {
    let compiled = include_str!("../../../../examples/http/shown.rs");
    assert!(
        compiled == shown_rust(),
        "examples/http/shown.rs: `cargo run -p gateway --example shown_rust` writes it"
    );
    for fact in ["mod request_missions {", "(\"getMission\", get_mission::run)", ".body(r#"] {
        assert!(compiled.contains(fact), "{fact}");
    }
}

#[test]
fn a_request_can_be_sent_from_its_page_unless_that_is_switched_off() {
    for send in [true, false] {
        let pages = site(&schemas::openapi(), &schemas::asyncapi(), Offer { send, ..ALL });
        let (_, page) = pages.into_iter().find(|(name, _)| *name == "http").unwrap();
        assert_eq!(page.contains("/assets/send.js"), send);
    }
}

#[test]
fn every_picture_of_the_documentation_is_served_from_here_and_none_from_elsewhere() {
    let mut shown = 0;
    for (name, html) in site(&json!({}), &json!({}), ALL) {
        for source in html.split("<img src=\"").skip(1) {
            let address = source.split('"').next().unwrap();
            let file = address.strip_prefix("/assets/").unwrap().split('?').next().unwrap();
            assert_eq!(picture(file).as_deref(), Some(address), "{name}");
            shown += 1;
        }
    }
    assert!(shown >= 4, "{shown} pictures");
    assert_eq!(picture("../docs/pictures/mission.png"), None);
}
