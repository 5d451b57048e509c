//! What is recorded of a span.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use opentelemetry::KeyValue;
use schemas::{Role, Stamp};

use crate::{Context, Kind};

/// A span that has ended. Times are Unix microseconds.
#[derive(Debug)]
pub struct Span {
    /// Its name: few different ones.
    pub name: Cow<'static, str>,
    /// Its kind.
    pub kind: Kind,
    /// When it began.
    pub from: u64,
    /// When it ended.
    pub to: u64,
    /// What is known of it.
    pub attributes: Vec<KeyValue>,
    /// Further spans that it belongs to.
    pub links: Vec<Context>,
}

/// The span of a hop: a process that has taken a message from this queue. It is made from the stamp
/// of the hop.
pub fn hop(stamp: &Stamp, queue: &'static str, missions: usize, links: Option<&str>) -> Span {
    Span {
        name: format!("process {queue}").into(),
        kind: Kind::Consumer,
        from: stamp.received,
        to: stamp.done,
        attributes: vec![
            KeyValue::new("messaging.system", "rabbitmq"),
            KeyValue::new("messaging.operation.name", "process"),
            KeyValue::new("messaging.operation.type", "process"),
            KeyValue::new("messaging.destination.name", queue),
            KeyValue::new("spymission.role", stamp.role.name()),
            KeyValue::new("spymission.instance", Arc::clone(&stamp.instance)),
            KeyValue::new("spymission.attempt", i64::from(stamp.attempt)),
            KeyValue::new("spymission.missions", count(missions)),
        ],
        links: links.into_iter().flat_map(crate::linked).collect(),
    }
}

/// The span of a message that a process of this role has sent to this place, as OpenTelemetry names
/// it. Times are Unix microseconds.
pub fn send(place: &'static str, role: Role, from: u64, to: u64) -> Span {
    Span {
        name: format!("send {place}").into(),
        kind: Kind::Producer,
        from,
        to,
        attributes: vec![
            KeyValue::new("messaging.system", "rabbitmq"),
            KeyValue::new("messaging.operation.name", "publish"),
            KeyValue::new("messaging.operation.type", "send"),
            KeyValue::new("messaging.destination.name", place),
            KeyValue::new("spymission.role", role.name()),
        ],
        links: Vec::new(),
    }
}

fn count(missions: usize) -> i64 {
    i64::try_from(missions).unwrap_or(i64::MAX)
}

pub(crate) fn time(micros: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_micros(micros)).unwrap_or(UNIX_EPOCH)
}
