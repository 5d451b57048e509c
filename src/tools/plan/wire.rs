//! Bytes of a mission on the network, from the types of the messages.

use schemas::{Decision, Mission, Part};
use serde::Serialize;

use super::costs::Costs;

/// Bytes of one mission on the network, to or from somebody.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bytes {
    /// Between callers and gateways.
    pub(super) http: f64,
    /// To the broker and from it, without events.
    pub(super) amqp: f64,
    /// Its part of an event: once to the broker, and from it to each gateway.
    pub(super) event: f64,
    /// Between persisters and the database.
    pub(super) sql: f64,
}

/// A message on its way: the bytes of a mission in its body, and how often it is sent and delivered.
type Message = (f64, f64);

impl Bytes {
    pub(super) fn of(costs: &Costs) -> Self {
        let mission = Mission::example();
        let (id, stored) = (length(&mission.id), length(&mission));
        let decision = length(&Decision::example());
        let parts = Part::ALL.len() as f64;
        let part = |part: Part| (length(&part.sample()), 2.0);
        // A request, its questions to the workers, the decision, and the reply to two.
        let messages: [Message; 4] = [(id, 2.0), (id, 1.0 + parts), (decision, 2.0), (stored, 3.0)];
        let messages = messages.into_iter().chain(Part::ALL.map(part));
        let around = costs.wire.message / costs.missions_per_request;
        let amqp = messages.map(|(body, times)| (body + around) * times).sum();
        let Costs { wire, .. } = costs;
        Self { http: wire.http, amqp, event: stored + around, sql: wire.statement }
    }
}

/// The length of this as JSON in a list, with its comma.
fn length(value: &impl Serialize) -> f64 {
    serde_json::to_string(value).map_or(0.0, |json| json.len() as f64 + 1.0)
}
