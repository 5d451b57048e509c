//! What a decider tells of a request that it has settled: a line in the log, and spans.

use bus::Envelope;
use schemas::{MissionId, Role, Stamp, topology};
use time::OffsetDateTime;
use traces::{Begun, KeyValue, Kind, Tracer};

/// The span of a request, from when it was taken until it is settled.
#[derive(Clone, Copy)]
pub(super) struct Hop(Option<(&'static Tracer, Begun)>);

impl Hop {
    /// Begins. Without a trace of its caller the sampler decides whether there is one.
    pub(super) fn begin(request: &Envelope) -> Self {
        let name = topology::REQUEST_QUEUE.name;
        let begun = |tracer: &'static Tracer| {
            (tracer, tracer.begin(request.context(), name, Kind::Consumer))
        };
        Self(traces::tracer().map(begun))
    }

    /// The properties of the questions about a request: this span is their parent.
    pub(super) fn onward(&self, request: &Envelope) -> Envelope {
        let mut onward = request.onward();
        if let Some((_, span)) = &self.0 {
            if request.context().is_none() {
                onward.tracestate = None; // it belongs to a trace that cannot be read
            }
            onward.traceparent = Some(span.context.to_string());
        }
        onward
    }

    /// Whether anybody is told.
    pub(super) fn is_told(&self) -> bool {
        let is_sampled = self.0.as_ref().is_some_and(|(_, span)| span.context.is_sampled());
        is_sampled || tracing::enabled!(tracing::Level::DEBUG)
    }

    /// A reply was sent to this place from `from` until now.
    pub(super) fn replied(&self, place: &'static str, from: u64, clock: fn() -> OffsetDateTime) {
        let Some((tracer, span)) = &self.0 else { return };
        let to = || schemas::unix_micros(clock());
        tracer.record(span.context, || traces::send(place, Role::Decider, from, to()));
    }

    /// It is settled; `about` is its first mission and how many it lists, as far as that is known.
    pub(super) fn settled(
        &self,
        stamp: &Stamp,
        request: &Envelope,
        settled: &'static str,
        about: Option<(MissionId, usize)>,
    ) {
        let (mission, missions) = about.unzip();
        tracing::debug!(
            role = Role::Decider.name(),
            mission = mission.map(tracing::field::display),
            missions = missions.filter(|missions| *missions > 1),
            attempt = stamp.attempt,
            micros = stamp.done.saturating_sub(stamp.received),
            trace_id = request.trace_id(),
            settled,
            "settled"
        );
        let Some((tracer, span)) = &self.0 else { return };
        tracer.end(span, || {
            let queue = topology::REQUEST_QUEUE.name;
            let links = request.links.as_deref();
            let mut hop = traces::hop(stamp, queue, missions.unwrap_or_default(), links);
            hop.attributes.push(KeyValue::new("spymission.settled", settled));
            hop.attributes
                .extend(mission.map(|id| KeyValue::new("spymission.mission", id.to_string())));
            hop
        });
    }
}
