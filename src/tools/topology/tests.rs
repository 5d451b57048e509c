//! Compares the table with the answers of RabbitMQ 3.10 after the table was declared.

use bus::Severity::{self, Fatal, Tolerable};
use schemas::topology::{EXCHANGES, QUEUES, Queue, queues};
use serde_json::{Value, json};

use super::compare::compare;

/// Each queue of the table is bound once.
const BINDINGS: usize = QUEUES.len();
const RECORDED: &str = include_str!("recorded.json");

/// The findings after this change to the recorded answers.
fn found(change: impl FnOnce(&mut Value)) -> Vec<(Severity, String)> {
    found_as(&QUEUES, change)
}

/// The same, if these are the queues that are wanted.
fn found_as(queues: &[Queue], change: impl FnOnce(&mut Value)) -> Vec<(Severity, String)> {
    let mut live = serde_json::from_str(RECORDED).unwrap();
    change(&mut live);
    let live = serde_json::from_value(live).unwrap();
    let findings = compare("/", queues, &live);
    findings.iter().map(|finding| (finding.severity, finding.to_string())).collect()
}

/// The element with this name in a list.
fn named<'a>(live: &'a mut Value, list: &str, name: &str) -> &'a mut Value {
    let all = live[list].as_array_mut().unwrap();
    all.iter_mut().find(|each| each["name"] == name).unwrap()
}

/// Expects exactly one finding, of this severity and with these words.
fn assert_one(found: &[(Severity, String)], severity: Severity, words: &[&str]) {
    let [(is, text)] = found else { panic!("{found:?}") };
    assert_eq!(*is, severity, "{text}");
    for word in words {
        assert!(text.contains(word), "{word}: {text}");
    }
}

fn without(list: &'static str, key: &'static str, name: &'static str) -> impl FnOnce(&mut Value) {
    move |live| live[list].as_array_mut().unwrap().retain(|each| each[key] != name)
}

#[test]
fn what_was_just_declared_does_not_differ() {
    assert_eq!(found(|_| {}), []);
}

#[test]
fn every_missing_part_is_named_with_the_command_that_makes_it() {
    let all = found(|live| {
        for list in ["exchanges", "queues", "bindings"] {
            live[list] = json!([]);
        }
    });
    assert_eq!(all.len(), EXCHANGES.len() + QUEUES.len() + BINDINGS, "{all:?}");
    assert!(
        all.iter().all(
            |(severity, text)| *severity == Fatal && text.contains("spymission topology apply")
        )
    );
    let words = ["mission.events", "exchange is missing"];
    assert_one(&found(without("exchanges", "name", "mission.events")), Fatal, &words);
    let words = ["mission.letters", "not bound to the exchange mission.halves"];
    let unbind = |live: &mut Value| {
        live["bindings"].as_array_mut().unwrap().retain(|binding| {
            binding["source"] != "mission.halves" || binding["destination"] != "mission.letters"
        });
    };
    assert_one(&found(unbind), Fatal, &words);
}

#[test]
fn each_differing_argument_is_named_with_both_values() {
    let all = found(|live| {
        let queue = named(live, "queues", "mission.requests");
        queue["arguments"]["x-max-length"] = json!(7);
        queue["arguments"]["x-overflow"] = json!("drop-head");
        queue["arguments"]["x-delivery-limit"] = Value::Null;
        queue["arguments"]["x-max-priority"] = json!(3);
    });
    let words = [
        (Tolerable, "x-max-length is 7, the table has it 10000"),
        (Fatal, "x-overflow is \"drop-head\", the table has it \"reject-publish\""),
        (Tolerable, "x-delivery-limit is not set, the table has it 20"),
        (Fatal, "x-max-priority is 3, the table has it not set"),
    ];
    assert_eq!(all.len(), words.len(), "{all:?}");
    for ((severity, text), (is, word)) in all.iter().zip(words) {
        assert!(text.contains(word) && text.contains("delete_queue"), "{word}: {text}");
        assert_eq!(*severity, is, "{text}");
    }
}

#[test]
fn a_wrong_type_is_an_error() {
    let queue = found(|live| named(live, "queues", "mission.requests")["type"] = json!("classic"));
    assert_one(&queue, Fatal, &["mission.requests", "x-queue-type is \"classic\"", "\"quorum\""]);
    let exchange =
        found(|live| named(live, "exchanges", "mission.halves")["type"] = json!("topic"));
    assert_one(&exchange, Fatal, &["mission.halves", "of type topic, it must be fanout"]);
    let durable = found(|live| named(live, "queues", "mission.numbers")["durable"] = json!(false));
    assert_one(&durable, Fatal, &["mission.numbers", "durable = false"]);
}

#[test]
fn the_classic_queues_of_a_single_node_are_tolerable_on_a_cluster() {
    let all = found_as(&queues(true), |_| {});
    assert!(all.iter().all(|(severity, _)| *severity == Tolerable), "{all:?}");
    for name in ["mission.numbers", "mission.letters", "mission.decisions"] {
        let wanted = "x-queue-type is \"classic\", the table has it \"quorum\"";
        let says = |(_, text): &(Severity, String)| text.contains(name) && text.contains(wanted);
        assert!(all.iter().any(says), "{name}: {all:?}");
    }
}

fn bind(source: &str, kind: &str, destination: &str, key: &str) -> Value {
    json!({"source": source, "destination_type": kind, "destination": destination,
        "routing_key": key, "properties_key": key})
}

fn found_with(list: &str, one_more: Value) -> Vec<(Severity, String)> {
    found(|live| live[list].as_array_mut().unwrap().push(one_more))
}

#[test]
fn a_binding_that_is_not_ours_is_reported() {
    for (source, kind, destination) in [
        ("mission.requests", "queue", "audit"),
        ("amq.topic", "queue", "mission.requests"),
        ("mission.replies", "queue", "mission.requests"),
        ("mission.replies", "queue", "reply.of-somebody"),
        ("amq.fanout", "exchange", "mission.decisions"),
    ] {
        let all = found_with("bindings", bind(source, kind, destination, "k"));
        assert_one(&all, Tolerable, &[source, destination, "delete binding"]);
    }
}

#[test]
fn bindings_of_our_agents_and_of_listeners_to_events_are_none() {
    let reply = bind("mission.replies", "queue", "reply.gateway.1", "reply.gateway.1");
    let events = bind("mission.events", "queue", "anybodys", "created.#");
    for binding in [reply, events, bind("", "queue", "mine", "mine"), bind("a", "queue", "b", "")] {
        assert_eq!(found_with("bindings", binding), []);
    }
}

fn policy(pattern: &str, apply_to: &str, definition: Value) -> Value {
    json!({"name": "p", "pattern": pattern, "apply-to": apply_to, "definition": definition,
        "priority": 0, "vhost": "/"})
}

#[test]
fn a_policy_is_reported_by_what_it_changes() {
    let requests = "^mission\\.requests$";
    for (pattern, apply_to, definition, severity, words) in [
        (
            requests,
            "queues",
            json!({"max-length": 5}),
            Tolerable,
            "lowers max-length from 10000 to 5",
        ),
        (requests, "quorum_queues", json!({"expires": 1}), Fatal, "sets expires = 1"),
        (requests, "all", json!({"message-ttl": 9}), Fatal, "messages that must be kept"),
        ("numbers", "queues", json!({"max-length": 9}), Tolerable, "sets max-length = 9"),
        ("numbers", "classic_queues", json!({"message-ttl": 1}), Tolerable, "from 30000 to 1"),
        (
            "events",
            "exchanges",
            json!({"alternate-exchange": "x"}),
            Tolerable,
            "alternate-exchange",
        ),
        ("(?=x)", "queues", json!({"max-length": 9}), Tolerable, "not understood"),
    ] {
        let all = found_with("policies", policy(pattern, apply_to, definition.clone()));
        assert_one(&all, severity, &[words]);
        let all = found_with("operator_policies", policy(pattern, apply_to, definition));
        assert_one(&all, severity, &[words]);
    }
}

#[test]
fn a_policy_that_changes_nothing_of_ours_is_not_reported() {
    for (pattern, apply_to, definition) in [
        ("^other", "queues", json!({"max-length": 5})),
        ("^mission\\.requests$", "queues", json!({"max-length": 10_001})),
        ("^mission\\.requests$", "queues", json!({"overflow": "drop-head"})),
        ("^mission\\.requests$", "classic_queues", json!({"max-length": 5})),
        ("^mission\\.numbers$", "exchanges", json!({"alternate-exchange": "x"})),
    ] {
        let all = found_with("policies", policy(pattern, apply_to, definition));
        assert_eq!(all, [], "{pattern}");
    }
}

#[test]
fn of_several_policies_the_one_of_the_highest_priority_counts() {
    let mut high = policy("^mission", "queues", json!({"max-length": 20_000}));
    high["priority"] = json!(2);
    let low = policy("^mission\\.requests", "queues", json!({"max-length": 5}));
    let all = found(|live| live["policies"] = json!([low, high]));
    assert!(!all.iter().any(|(_, text)| text.contains("mission.requests")), "{all:?}");
}

#[test]
fn what_others_named_cannot_write_on_the_terminal() {
    let all = found_with("bindings", bind("mission.requests", "queue", "\u{1b}[2Jx", "k"));
    assert_one(&all, Tolerable, &["\\u{1b}[2Jx"]);
    assert!(!all[0].1.contains('\u{1b}'));
}
