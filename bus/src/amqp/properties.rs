//! AMQP properties and headers, to and from an [`Envelope`].

use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable, ShortString};
use schemas::topology::event_queue::LONGEST_KEY;
use schemas::{ActionId, MessageType};
use uuid::Uuid;

use crate::message::Label;
use crate::{CopyTo, Deadline, Envelope};

/// W3C Trace Context: a `traceparent` of version 00 has 55 characters; a `tracestate` is cut off
/// above 512. What is longer is not passed on.
const LONGEST_TRACEPARENT: usize = 128;
const LONGEST_TRACESTATE: usize = 512;
/// The `traceparent`s of 128 callers, which is as many links as OpenTelemetry keeps of a span.
const LONGEST_LINKS: usize = traces::MOST_LINKS * 56;

const COPY_TO: &str = "copy_to";
const COPY_ID: &str = "copy_correlation_id";
/// The header with which RabbitMQ routes a message to further queues; it removes the header.
const BCC: &str = "BCC";

pub(crate) fn read(properties: &BasicProperties) -> Envelope {
    let text = |value: &Option<ShortString>| value.as_ref().map(|text| text.as_str().to_owned());
    let headers = properties.headers().as_ref();
    let header = |name: &str| headers.and_then(|table| table.inner().get(name));
    let trace = |name, longest| {
        let value = header(name).and_then(as_text);
        value.filter(|text| text.len() <= longest && text.bytes().all(|b| (32..127).contains(&b)))
    };
    let short = |name| header(name).and_then(as_text).filter(|text| text.len() <= LONGEST_KEY);
    let copied = |address| CopyTo { address, correlation_id: short(COPY_ID) };
    Envelope {
        message_id: text(properties.message_id()),
        reply_to: text(properties.reply_to()),
        correlation_id: text(properties.correlation_id()),
        kind: properties.kind().as_ref().and_then(|word| MessageType::parse(word.as_str())),
        app_id: text(properties.app_id()),
        expiration: text(properties.expiration()),
        content_encoding: text(properties.content_encoding()),
        timestamp: *properties.timestamp(),
        traceparent: trace("traceparent", LONGEST_TRACEPARENT),
        tracestate: trace("tracestate", LONGEST_TRACESTATE),
        links: trace("links", LONGEST_LINKS),
        deadline: header("deadline")
            .map(|value| as_whole(value).map_or(Deadline::Unreadable, Deadline::At)),
        stamps: header("stamps")
            .and_then(as_text)
            .and_then(|text| text.parse().ok())
            .unwrap_or_default(),
        // A dead letter's header of this name counts its deliveries.
        tries: header("tries")
            .filter(|_| header("reason").is_none())
            .and_then(as_whole)
            .map_or(0, |tries| u32::try_from(tries).unwrap_or_default()),
        attempt: header("attempt")
            .and_then(as_whole)
            .map_or(0, |attempt| u32::try_from(attempt).unwrap_or_default()),
        copy_to: short(COPY_TO).map(copied),
        replay: header("replay").and_then(as_uuid).map(ActionId::from),
        label: None, // on a request they are the caller's own and mean nothing: see `letters`
    }
}

/// How often this message was delivered before. Quorum queues count deliveries that failed, and
/// from RabbitMQ 4.3 on also those that only ended; a classic queue only says that there was one.
/// On a first delivery every such header is the client's own, and means nothing.
pub(crate) fn delivery_count(properties: &BasicProperties, redelivered: bool) -> u32 {
    if !redelivered {
        return 0;
    }
    let headers = properties.headers().as_ref();
    let count = |name| headers.and_then(|table| table.inner().get(name)).and_then(as_whole);
    let counts = ["x-delivery-count", "x-acquired-count"].into_iter().filter_map(count);
    counts.fold(1, |most, count| most.max(u32::try_from(count.max(0)).unwrap_or(u32::MAX)))
}

pub(crate) fn write(envelope: &Envelope, persistent: bool) -> BasicProperties {
    let mut properties = BasicProperties::default()
        .with_content_type("application/json".into())
        .with_delivery_mode(if persistent { 2 } else { 1 });
    if let Some(id) = &envelope.message_id {
        properties = properties.with_message_id(id.as_str().into());
    }
    if let Some(address) = &envelope.reply_to {
        properties = properties.with_reply_to(address.as_str().into());
    }
    if let Some(id) = &envelope.correlation_id {
        properties = properties.with_correlation_id(id.as_str().into());
    }
    if let Some(kind) = envelope.kind {
        properties = properties.with_type(kind.as_str().into());
    }
    if let Some(id) = &envelope.app_id {
        properties = properties.with_app_id(id.as_str().into());
    }
    if let Some(millis) = &envelope.expiration {
        properties = properties.with_expiration(millis.as_str().into());
    }
    if let Some(coding) = &envelope.content_encoding {
        properties = properties.with_content_encoding(coding.as_str().into());
    }
    if let Some(seconds) = envelope.timestamp {
        properties = properties.with_timestamp(seconds);
    }
    match headers(envelope) {
        Some(headers) => properties.with_headers(headers),
        None => properties,
    }
}

/// As [`write`], for a transient message that goes to another key of its exchange as well.
pub(super) fn write_copied(envelope: &Envelope, key: &str) -> BasicProperties {
    let properties = write(envelope, false);
    let mut headers = properties.headers().clone().unwrap_or_default();
    let keys = vec![AMQPValue::LongString(key.into())];
    headers.insert(BCC.into(), AMQPValue::FieldArray(keys.into()));
    properties.with_headers(headers)
}

fn headers(envelope: &Envelope) -> Option<FieldTable> {
    let mut headers = FieldTable::default();
    let mut text = |name: &str, value: &str| {
        headers.insert(name.into(), AMQPValue::LongString(value.into()));
    };
    if let Some(parent) = &envelope.traceparent {
        text("traceparent", parent);
    }
    if let Some(state) = &envelope.tracestate {
        text("tracestate", state);
    }
    if let Some(links) = &envelope.links {
        text("links", links);
    }
    if !envelope.stamps.is_empty() {
        text("stamps", &envelope.stamps.to_string());
    }
    if envelope.deadline == Some(Deadline::Unreadable) {
        text("deadline", "unreadable"); // and stays so when a dead letter is replayed
    }
    if let Some(replay) = envelope.replay {
        text("replay", &replay.to_string());
    }
    if let Some(Label { id, reason, role, .. }) = &envelope.label {
        text("reason", reason);
        text("role", role);
        if let Some(id) = id {
            text("id", &id.to_string());
        }
    }
    if let Some(CopyTo { address, correlation_id }) = &envelope.copy_to {
        text(COPY_TO, address);
        if let Some(id) = correlation_id {
            text(COPY_ID, id);
        }
    }
    if let Some(Deadline::At(millis)) = envelope.deadline {
        headers.insert("deadline".into(), AMQPValue::LongLongInt(millis));
    }
    if envelope.attempt > 1 {
        headers.insert("attempt".into(), AMQPValue::LongLongInt(envelope.attempt.into()));
    }
    if envelope.tries > 0 {
        headers.insert("tries".into(), AMQPValue::LongLongInt(envelope.tries.into()));
    }
    if let Some(Label { tries, first_at, last_at, .. }) = &envelope.label {
        headers.insert("tries".into(), AMQPValue::LongLongInt((*tries).into()));
        headers.insert("first_at".into(), AMQPValue::Timestamp(*first_at));
        headers.insert("last_at".into(), AMQPValue::Timestamp(*last_at));
    }
    (!headers.inner().is_empty()).then_some(headers)
}

fn as_uuid(value: &AMQPValue) -> Option<Uuid> {
    Uuid::try_parse(&as_text(value)?).ok()
}

pub(super) fn as_text(value: &AMQPValue) -> Option<String> {
    match value {
        AMQPValue::LongString(text) => String::from_utf8(text.as_bytes().to_vec()).ok(),
        AMQPValue::ShortString(text) => Some(text.as_str().to_owned()),
        _ => None,
    }
}

/// Reads a whole number of any width, or one written as digits: clients differ.
pub(super) fn as_whole(value: &AMQPValue) -> Option<i64> {
    match value {
        AMQPValue::ShortShortInt(n) => Some((*n).into()),
        AMQPValue::ShortShortUInt(n) => Some((*n).into()),
        AMQPValue::ShortInt(n) => Some((*n).into()),
        AMQPValue::ShortUInt(n) => Some((*n).into()),
        AMQPValue::LongInt(n) => Some((*n).into()),
        AMQPValue::LongUInt(n) => Some((*n).into()),
        AMQPValue::LongLongInt(n) => Some(*n),
        AMQPValue::Timestamp(n) => i64::try_from(*n).ok(),
        text => as_text(text)?.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_read_in_whatever_width_it_comes() {
        for value in [
            AMQPValue::ShortShortInt(7),
            AMQPValue::ShortShortUInt(7),
            AMQPValue::ShortInt(7),
            AMQPValue::ShortUInt(7),
            AMQPValue::LongInt(7),
            AMQPValue::LongUInt(7),
            AMQPValue::LongLongInt(7),
            AMQPValue::LongString("7".into()),
            AMQPValue::ShortString("7".into()),
        ] {
            assert_eq!(as_whole(&value), Some(7), "{value:?}");
        }
        for value in [AMQPValue::Boolean(true), AMQPValue::Double(7.0), AMQPValue::Void] {
            assert_eq!(as_whole(&value), None, "{value:?}");
        }
    }

    #[test]
    fn only_the_named_properties_pass() {
        let mut headers = FieldTable::default();
        headers.insert("CC".into(), AMQPValue::LongString("mission.dead-letters".into()));
        headers.insert("deadline".into(), AMQPValue::LongInt(7));
        headers.insert("traceparent".into(), AMQPValue::LongString("00-ab-cd-01".into()));
        let outside = BasicProperties::default()
            .with_headers(headers)
            .with_user_id("mallory".into())
            .with_message_id("7".into());
        let onward = write(&read(&outside), true);
        let headers = onward.headers().as_ref().unwrap();
        assert_eq!(headers.inner().len(), 2);
        assert_eq!(headers.inner().get("deadline"), Some(&AMQPValue::LongLongInt(7)));
        assert_eq!(onward.user_id(), &None);
        assert_eq!(onward.message_id().as_ref().unwrap().as_str(), "7");
    }

    #[test]
    fn stamps_pass_and_what_is_none_is_left_out() {
        let read = |text: &str| {
            let mut headers = FieldTable::default();
            headers.insert("stamps".into(), AMQPValue::LongString(text.into()));
            read(&BasicProperties::default().with_headers(headers))
        };
        let stamps = "number n.1 - 1 2 1, persister p.1 1 2 3 2";
        let header = |envelope: &Envelope| {
            let headers = write(envelope, false).headers().clone()?;
            headers.inner().get("stamps").and_then(as_text)
        };
        assert_eq!(header(&read(stamps)).as_deref(), Some(stamps));
        for wrong in ["", "x", &"number n.1 - 1 2 1, ".repeat(1_000), "16"] {
            assert_eq!(header(&read(wrong)), None, "{wrong}");
        }
    }

    #[test]
    fn deliveries_are_counted_by_whatever_the_broker_says() {
        let counted = |names: &[(&str, i64)], redelivered| {
            let mut headers = FieldTable::default();
            for (name, count) in names {
                headers.insert((*name).into(), AMQPValue::LongLongInt(*count));
            }
            let properties = BasicProperties::default().with_headers(headers);
            delivery_count(&properties, redelivered)
        };
        assert_eq!(counted(&[], false), 0);
        assert_eq!(counted(&[], true), 1);
        assert_eq!(counted(&[("x-delivery-count", 3)], true), 3);
        assert_eq!(counted(&[("x-delivery-count", 1), ("x-acquired-count", 4)], true), 4);
        assert_eq!(counted(&[("x-delivery-count", -1)], true), 1);
        assert_eq!(counted(&[("x-delivery-count", i64::MAX)], true), u32::MAX);
    }

    #[test]
    fn a_trace_header_of_more_than_its_standard_allows_is_dropped() {
        let mut headers = FieldTable::default();
        headers.insert("traceparent".into(), AMQPValue::LongString("a\nb".into()));
        headers.insert("tracestate".into(), AMQPValue::LongString("x".repeat(513).into()));
        let read = read(&BasicProperties::default().with_headers(headers));
        assert_eq!((read.traceparent, read.tracestate), (None, None));
    }
    #[test]
    fn an_address_of_a_copy_that_is_too_long_for_a_routing_key_is_dropped() {
        let read = |length: usize| {
            let mut headers = FieldTable::default();
            headers.insert(COPY_TO.into(), AMQPValue::LongString("r".repeat(length).into()));
            read(&BasicProperties::default().with_headers(headers)).copy_to
        };
        assert!(read(LONGEST_KEY).is_some());
        assert_eq!(read(LONGEST_KEY + 1), None);
    }
}
