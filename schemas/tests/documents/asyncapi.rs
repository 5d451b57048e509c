//! The AsyncAPI document.

use std::collections::BTreeSet;

use schemas::topology::{self, Argument};
use schemas::{MessageType, Request};
use serde_json::{Value, json};

use crate::{each, errors};

#[test]
fn every_example_of_the_amqp_api_is_valid() {
    let document = schemas::asyncapi();
    let messages = document["components"]["messages"].as_object().unwrap();
    for (name, message) in messages {
        let examples = message["examples"].as_array().unwrap();
        assert!(!examples.is_empty(), "{name}");
        for example in examples {
            for part in ["payload", "headers"] {
                let wrong = errors(&document, &message[part], &example[part]);
                assert!(wrong.is_empty(), "{name} {part}: {wrong:?}");
            }
        }
    }
}

#[test]
fn wrong_headers_and_properties_are_not_valid_and_right_ones_are() {
    let document = schemas::asyncapi();
    let messages = &document["components"]["messages"];
    let label = json!({ "reason": "invalid: no", "role": "decider", "tries": 1, "first_at": 7,
        "last_at": 9, "id": "5c3f0a52-9b0e-5f5c-8d0e-6f1f4a7c2b11" });
    let without = |member: &str| {
        let mut label = label.clone();
        label.as_object_mut().unwrap().remove(member);
        label
    };
    let stored = json!({ "content_type": "application/json", "delivery_mode": 1, "app_id": "x",
        "type": "missions.stored", "correlation_id": "1" });
    for (message, part, value, good) in [
        ("deadLetter", "headers", label.clone(), true),
        ("deadLetter", "headers", json!({ "x-death": [] }), true),
        ("deadLetter", "headers", json!({}), false),
        ("deadLetter", "headers", without("reason"), false),
        ("deadLetter", "headers", without("first_at"), false),
        ("deadLetter", "headers", without("id"), false),
        ("request", "headers", json!({ "deadline": 7, "theirs": true }), true),
        ("request", "headers", json!({ "deadline": "soon" }), false),
        ("missions", "headers", json!({ "traceparent": "x" }), true),
        ("missions", "headers", json!({ "theirs": true }), false),
        ("stored", "x-amqp-properties", stored.clone(), true),
        ("letters", "x-amqp-properties", stored, false),
        ("partsQuestion", "x-amqp-properties", json!({ "delivery_mode": 1 }), false),
    ] {
        let wrong = errors(&document, &messages[message][part], &value);
        assert_eq!(wrong.is_empty(), good, "{message} {part} {value}: {wrong:?}");
    }
}

#[test]
fn every_exchange_and_queue_of_the_topology_is_a_channel_with_its_arguments() {
    let document = schemas::asyncapi();
    let channels = document["channels"].as_object().unwrap();
    let bound = |kind: &str, name: &str| {
        let found = channels.values().find(|c| c["bindings"]["amqp"][kind]["name"] == name);
        found.unwrap_or_else(|| panic!("no channel for the {kind} {name}"))
    };
    for exchange in topology::EXCHANGES {
        let binding = &bound("exchange", exchange.name)["bindings"]["amqp"]["exchange"];
        let routing = format!("{:?}", exchange.routing).to_lowercase();
        assert_eq!((&binding["type"], &binding["durable"]), (&json!(routing), &json!(true)));
    }
    for queue in topology::QUEUES {
        let channel = bound("queue", queue.name);
        assert_eq!(channel["address"], queue.name);
        for (name, value) in queue.arguments() {
            let told = &channel["x-arguments"][name];
            let same = match value {
                Argument::Text(text) => told == text,
                Argument::Whole(number) => told == &json!(number),
            };
            assert!(same, "{}: {name} is {told}", queue.name);
        }
    }
    assert_eq!(channels.len(), topology::EXCHANGES.len() + topology::QUEUES.len() + 2);
}

#[test]
fn every_type_of_message_is_described_and_no_other() {
    let document = schemas::asyncapi();
    let mut told = BTreeSet::new();
    each(&document["components"]["messages"], &mut |_, object| {
        if let Some(word) = object.get("messageType") {
            assert!(MessageType::parse(word.as_str().unwrap()).is_some(), "{word}");
            told.insert(word.as_str().unwrap().to_owned());
        }
    });
    assert_eq!(told.len(), MessageType::ALL.len());
}

#[test]
fn every_message_is_in_an_operation_and_every_reply_in_the_channel_that_it_names() {
    let document = schemas::asyncapi();
    let mut used = BTreeSet::new();
    for (name, operation) in document["operations"].as_object().unwrap() {
        for (part, label) in [(operation, name.as_str()), (&operation["reply"], "reply")] {
            for message in part["messages"].as_array().into_iter().flatten() {
                let reference = message["$ref"].as_str().unwrap();
                let channel = part["channel"]["$ref"].as_str().unwrap();
                assert!(reference.starts_with(&format!("{channel}/")), "{name} {label}");
                used.insert(reference.rsplit('/').next().unwrap().to_owned());
            }
        }
    }
    let all = document["components"]["messages"].as_object().unwrap();
    assert_eq!(used.iter().collect::<Vec<_>>(), all.keys().collect::<Vec<_>>());
}

#[test]
fn the_examples_of_requests_are_requests() {
    let document = schemas::asyncapi();
    let id = Some("019abc00-1111-7222-8333-444455556600");
    for example in document["components"]["messages"]["request"]["examples"].as_array().unwrap() {
        let body = Value::to_string(&example["payload"]);
        Request::parse(body.as_bytes(), id).unwrap();
    }
}
