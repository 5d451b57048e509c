//! Bad input over AMQP: each request gets its reason, nothing is stored, no process stops.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::StreamExt;
use lapin::message::Delivery;
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Consumer};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::amqp_callers::{asking, publish};
use crate::caller::Caller;
use crate::system::{DEADLINE, System};

/// A wrong request, and what its error reply says.
struct Wrong {
    body: Vec<u8>,
    properties: BasicProperties,
    kind: &'static str,
    names: &'static str,
    answered: bool,
}

fn wrong_bodies() -> Vec<(Vec<u8>, &'static str, &'static str)> {
    let ids = |count| (0..count).map(|_| Uuid::new_v4()).collect::<Vec<_>>();
    let listing = |ids: Vec<Uuid>| json!({ "missions": ids }).to_string().into_bytes();
    let twice = ids(1).repeat(2);
    let text = |text: &str| text.as_bytes().to_owned();
    vec![
        (text(r#"{"missions":["bond"]}"#), "invalid", "`missions`: \"bond\" is not a UUID"),
        (text(r#"{"missions":[7]}"#), "invalid", "not a request"),
        (text(r#"{"missions":[]}"#), "invalid", "`missions` is empty"),
        (text(r#"{"missions":null}"#), "invalid", "not a request"),
        (text(r#"{"missions":3}"#), "invalid", "not a request"),
        (text(r#"{"count":3}"#), "invalid", "`count`"),
        (text("[]"), "invalid", "array"),
        (listing(ids(257)), "invalid", "257 ids"),
        (listing(twice), "invalid", "twice"),
        (text("a mission, please"), "malformed", "not JSON"),
        (text(""), "malformed", "not JSON"),
        (b"{\"missions\":[\"\xff\"]}".to_vec(), "malformed", "not UTF-8"),
        (b"[".repeat(16_000), "malformed", "not JSON"),
        ([b"{\"missions\":".as_slice(), &b"[".repeat(16_000)].concat(), "malformed", "not JSON"),
        (text("{\"a\":[[[[]]]]}"), "invalid", "`a`"),
        (b" ".repeat(64 * 1024), "too-large", "65536 bytes"),
        (listing(ids(1_680)), "too-large", "at most 16384"),
    ]
}

/// Every wrong request. Each also holds a good id, unless the ids are what is wrong.
fn all_that_is_wrong(queue: &str) -> Vec<Wrong> {
    let good = || asking(&Uuid::new_v4().to_string(), queue);
    let with = |value| {
        let mut headers = FieldTable::default();
        headers.insert("deadline".into(), value);
        good().with_headers(headers)
    };
    let nameless = BasicProperties::default()
        .with_reply_to(queue.into())
        .with_correlation_id("nameless".into());
    let to = |address: &str| asking(&Uuid::new_v4().to_string(), address);
    let mut all = vec![
        (nameless, "invalid", "`message_id` is missing"),
        (asking("bond", queue), "invalid", "`message_id`"),
        (with(AMQPValue::LongString("soon".into())), "invalid", "`deadline`"),
        (with(AMQPValue::Boolean(true)), "invalid", "`deadline`"),
        (good().with_content_encoding("gzip".into()), "unsupported-media-type", "is gzip"),
        (with(AMQPValue::LongLongInt(1_000_000_000_000)), "expired", "1000000000000"),
        (to("mission.requests"), "invalid", "`reply_to`"),
        (to("mission.nowhere"), "invalid", "`reply_to`"),
    ]
    .into_iter()
    .map(|(properties, kind, names)| Wrong {
        body: b"{}".to_vec(),
        answered: names != "`reply_to`",
        properties,
        kind,
        names,
    })
    .collect::<Vec<_>>();
    all.extend(wrong_bodies().into_iter().map(|(body, kind, names)| {
        let properties = good().with_timestamp(1_700_000_000);
        Wrong { body, properties, kind, names, answered: true }
    }));
    all
}

#[tokio::test]
async fn a_wrong_request_gets_its_reason_and_a_dead_letter_and_its_neighbours_get_their_missions() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let mut caller = Caller::connect(&system).await;
    let mut letters = caller.dead_letter_copies().await;
    let (wrong, began) = (all_that_is_wrong(&caller.queue), now());
    let mut good = Vec::new();
    for Wrong { body, properties, .. } in &wrong {
        publish(&caller, body, properties.clone()).await;
        good.push(Uuid::new_v4());
        caller.request(&good[good.len() - 1..]).await;
    }
    let set_aside = take_letters(&mut letters, wrong.len()).await;
    let answered = wrong.iter().filter(|wrong| wrong.answered).count();
    let mut replies = HashMap::new();
    for _ in 0..answered + good.len() {
        let reply = caller.reply().await;
        replies.insert(reply.correlation_id, (reply.kind, reply.body));
    }
    for wrong in &wrong {
        let asked = text(wrong.properties.correlation_id());
        check_dead_letter(wrong, &set_aside[&asked], began);
        if wrong.answered {
            check_reply(wrong, &replies[&asked]);
        }
    }
    for id in &good {
        system.stands(&replies[&id.to_string()].1["missions"][0]).await;
    }
    system.all_settled().await;
    assert_eq!(system.rows().await, i64::try_from(good.len()).unwrap(), "the good ones alone");
}

/// This many dead letters, by correlation id.
async fn take_letters(letters: &mut Consumer, count: usize) -> HashMap<String, Delivery> {
    let mut taken = HashMap::new();
    for _ in 0..count {
        let letter = tokio::time::timeout(DEADLINE, letters.next()).await.expect("a dead letter");
        let letter = letter.unwrap().unwrap();
        taken.insert(text(letter.properties.correlation_id()), letter);
    }
    let once = |letter: &Delivery| header(letter, "tries") == AMQPValue::LongLongInt(1);
    assert!(taken.values().all(once), "each is tried once");
    taken
}

fn check_reply(wrong: &Wrong, (kind, problem): &(String, Value)) {
    let address = format!("/problems/{}", wrong.kind);
    assert_eq!((&**kind, &problem["type"]), ("problem", &json!(address)), "{}", wrong.names);
    assert!(problem["detail"].as_str().unwrap().contains(wrong.names), "{problem}");
}

/// The original bytes and properties; the role that set it aside, the reason, the number of tries.
fn check_dead_letter(wrong: &Wrong, letter: &Delivery, began: u64) {
    assert!(letter.data == wrong.body, "{}", wrong.names);
    let (was, is) = (&wrong.properties, &letter.properties);
    assert_eq!((is.message_id(), is.reply_to()), (was.message_id(), was.reply_to()));
    assert_eq!(is.content_encoding(), was.content_encoding());
    assert_eq!(is.delivery_mode(), &Some(2));
    let AMQPValue::LongString(reason) = header(letter, "reason") else { panic!("no text") };
    let reason = reason.to_string();
    assert!(reason.starts_with(&format!("{}: ", wrong.kind)), "{reason}");
    assert!(reason.contains(wrong.names), "{reason}");
    assert_eq!(header(letter, "role"), AMQPValue::LongString("decider".into()));
    let AMQPValue::Timestamp(first_at) = header(letter, "first_at") else { panic!("no time") };
    match was.timestamp() {
        Some(timestamp) => assert_eq!(first_at, *timestamp),
        None => assert!((began..=now()).contains(&first_at), "{first_at}"),
    }
}

fn header(letter: &Delivery, name: &str) -> AMQPValue {
    letter.properties.headers().as_ref().unwrap().inner()[name].clone()
}

fn text(property: &Option<lapin::types::ShortString>) -> String {
    property.as_ref().unwrap().to_string()
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}
