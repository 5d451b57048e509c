//! What a responder tells of a question that it has answered: a line in the log, and spans.

use schemas::Stamp;
use schemas::topology::{self, Queue};
use traces::{KeyValue, Kind, Span, Tracer};

use crate::response::{copy_to, stamp_of};
use crate::{Envelope, Response, Statement};

/// Tells of a question of this queue.
pub(crate) fn note(queue: Queue, stamp: &Stamp, asked: &Envelope, response: &Response) {
    let (mission, missions) = response.about.unzip();
    tracing::debug!(
        role = stamp.role.name(),
        queue = queue.name,
        mission = mission.map(tracing::field::display),
        missions = missions.filter(|missions| *missions > 1),
        tries = asked.tries,
        micros = stamp.done.saturating_sub(stamp.received),
        trace_id = asked.trace_id(),
        reply = response.kind.as_str(),
        "answered"
    );
    if let Some(tracer) = traces::tracer() {
        record(tracer, queue, stamp, asked, response);
    }
}

/// Records the hop, and the statement in it. A question without a trace has no span.
fn record(tracer: &Tracer, queue: Queue, stamp: &Stamp, asked: &Envelope, response: &Response) {
    let Some(parent) = asked.context() else { return };
    let missions = response.about.map_or(0, |(_, missions)| missions);
    let begun = tracer.begin(Some(parent), queue.name, Kind::Consumer);
    let links = asked.links.as_deref();
    tracer.end(&begun, || traces::hop(&stamp_of(stamp, asked), queue.name, missions, links));
    if let Some(statement) = response.statement {
        tracer.record(begun.context, || committed(statement, stamp, missions));
    }
    if copy_to(asked, response).is_some() {
        // It is sent when the work is done.
        let place = topology::REPLIES.name;
        tracer.record(begun.context, || traces::send(place, stamp.role, stamp.done, stamp.done));
    }
}

fn committed(statement: Statement, stamp: &Stamp, missions: usize) -> Span {
    let Statement { system, operation, table } = statement;
    let rows = i64::try_from(missions).unwrap_or(i64::MAX);
    Span {
        name: format!("{operation} {table}").into(),
        kind: Kind::Client,
        from: stamp.received,
        to: stamp.done,
        attributes: vec![
            KeyValue::new("db.system.name", system),
            KeyValue::new("db.operation.name", operation),
            KeyValue::new("db.collection.name", table),
            KeyValue::new("db.operation.batch.size", rows),
            KeyValue::new("spymission.role", stamp.role.name()),
        ],
        links: Vec::new(),
    }
}
