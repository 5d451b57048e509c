//! The gateway's sessions with the broker: each publishes the requests that are queued, and passes
//! replies to the correlator.

use std::sync::Arc;
use std::time::Duration;

use bus::dead_letter::Label;
use bus::{
    Broker, Confirmed, ConfirmedPublisher, Dropped, Envelope, Fault, Health, PREFETCH, Why,
    failpoint, supervise,
};
use schemas::topology::{self, reply_queue};
use schemas::{MessageType, MissionId, Missions, Problem, Role, unix_micros};
use seams::{Mutant, chance, planted};
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::config::Config;
use crate::correlator::Correlator;
use crate::publishing::Publishing;
use crate::timeline::{Answer, Timelines};

const ROLE: &str = "gateway";
/// How long nothing is published after the broker has refused a request. Callers gather meanwhile.
const FULL: Duration = Duration::from_millis(20);

/// Runs session after session until `stop`.
pub(crate) async fn run(
    broker: &Broker,
    correlator: &Arc<Correlator>,
    timelines: &Timelines,
    health: &Health,
    config: &Config,
    dropped: &Dropped,
    stop: &CancellationToken,
) {
    supervise(ROLE, health, stop, || async {
        let replies = Replies { correlator, timelines, dropped, config };
        let ended = session(broker, &replies, health, stop).await;
        correlator.session_ends();
        ended
    })
    .await;
}

async fn session(
    broker: &Broker,
    taking: &Replies<'_>,
    health: &Health,
    stop: &CancellationToken,
) -> Result<(), Fault> {
    let Replies { correlator, timelines, config, .. } = *taking;
    let link = broker.open_declared("gateway").await?;
    // The reply queue exists before the first request is published.
    let address = reply_queue::name(ROLE, chance::uuid());
    let consumer = link.consume_own(&address, PREFETCH).await?;
    let publisher = link.confirmed_publisher().await?;
    correlator.session_begins();
    health.up();
    telemetry::of(Role::Gateway).connected.set(1);
    tracing::info!(target: "start", role = ROLE, reply_queue = address, "publishing requests");
    tokio::select! {
        biased; // not at random: a simulation repeats what it has done
        () = stop.cancelled() => {}
        fault = link.lost() => return Err(fault),
        ended = consumer.hand_out(|reply| taking.take(reply.envelope, &reply.body)) => return ended,
        ended = publish(correlator, timelines, &publisher, &address, config) => return ended,
    }
    link.close().await;
    Ok(())
}

/// Publishes one batch after the other. While one awaits its confirm, the next one gathers in the
/// correlator: under load batches form by themselves, and a single caller does not wait for others.
async fn publish(
    correlator: &Correlator,
    timelines: &Timelines,
    publisher: &ConfirmedPublisher,
    address: &str,
    config: &Config,
) -> Result<(), Fault> {
    loop {
        let batch = correlator.next_batch().await;
        let body = serde_json::to_vec(&batch.request).unwrap_or_default(); // it cannot fail
        let publishing = Publishing::begin(&batch, config);
        let envelope = publishing.envelope(address);
        timelines.published(publishing.record());
        correlator.publishing();
        telemetry::of(Role::Gateway).batch.record(batch.request.missions.len());
        let ids = || batch.request.missions.as_slice().iter().copied();
        failpoint::reach("gateway.before-publish", ids());
        failpoint::slow(Role::Gateway, batch.request.missions.len()).await;
        // After a fault nobody knows whether the broker has the batch; the next session publishes it
        // again.
        let confirmed = publisher.publish(topology::REQUESTS, &envelope, &body).await?;
        failpoint::reach("gateway.after-publish", ids());
        let blind = planted(Mutant::RefusalTakenForConfirm);
        let confirmed = if blind { Confirmed::Taken } else { confirmed };
        match confirmed {
            Confirmed::Taken => {
                timelines.confirmed(publishing.message, publishing.confirmed());
                correlator.confirmed(&batch);
            }
            Confirmed::Unroutable => {
                correlator.returned(&batch);
                let lost = "no queue takes requests".to_owned();
                return Err(Fault::Topology(lost)); // the next session declares it again
            }
            Confirmed::Refused => {
                tracing::warn!(?confirmed, "RabbitMQ did not take a request");
                correlator.refused(&batch);
                tokio::time::sleep(FULL).await; // so that this loop is not as fast as refusals
            }
        }
    }
}

/// What takes the replies of a session.
struct Replies<'a> {
    correlator: &'a Correlator,
    timelines: &'a Timelines,
    dropped: &'a Dropped,
    config: &'a Config,
}

impl Replies<'_> {
    /// Takes a reply. One that nobody waits for or that cannot be read is counted and dropped.
    fn take(&self, envelope: Envelope, body: &[u8]) {
        let taken = match envelope.kind {
            Some(MessageType::Missions) => read::<Missions>(body).map(|reply| {
                let missions: Vec<_> = reply.missions.iter().map(|mission| mission.id).collect();
                tracing::debug!(
                    role = ROLE,
                    mission = missions.first().map(tracing::field::display),
                    missions = Some(missions.len()).filter(|missions| *missions > 1),
                    trace_id = envelope.trace_id(),
                    "replied"
                );
                let age = self.remember(envelope, &missions, None);
                self.correlator.stored(reply.missions, age)
            }),
            Some(MessageType::Problem) => read::<Problem>(body).map(|problem| {
                let reason = Label::reason(problem.kind(), problem.detail());
                let age = self.remember(envelope, problem.missions(), Some(reason));
                self.correlator.problem(&problem, age)
            }),
            kind => Err(format!("its type is not one of a reply: {kind:?}")),
        };
        match taken {
            Ok(true) => {}
            Ok(false) => self.dropped.count(Why::Late, "nobody waits for it"),
            Err(wrong) => self.dropped.count(Why::Malformed, &wrong),
        }
    }

    /// Remembers the reply about these missions, and why there are none if it is an error reply.
    /// Returns how long ago the message was published, which is in its id.
    fn remember(
        &self,
        envelope: Envelope,
        missions: &[MissionId],
        reason: Option<String>,
    ) -> Option<Duration> {
        // A copy of what a decider was told has the decider's correlation id beside ours.
        let ours = envelope.copy_to.map_or(envelope.correlation_id, |copy| copy.correlation_id);
        let message: Uuid = ours?.parse().ok()?;
        let at = unix_micros((self.config.clock)());
        let answer = Answer { at, stamps: envelope.stamps, reason };
        self.timelines.replied(message, missions, answer);
        let (seconds, nanos) = message.get_timestamp()?.to_unix();
        Some(Duration::from_micros(at).saturating_sub(Duration::new(seconds, nanos)))
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|wrong| wrong.to_string())
}

#[cfg(test)]
mod tests {
    use schemas::{MissionId, MissionIds};

    use super::*;
    use crate::correlator::Admission;

    fn reply(kind: Option<MessageType>, body: &str) -> (Envelope, bytes::Bytes) {
        let envelope = Envelope { kind, ..Envelope::default() };
        (envelope, bytes::Bytes::copy_from_slice(body.as_bytes()))
    }

    fn missions(id: MissionId) -> String {
        format!(
            r#"{{"missions":[{{"id":"{id}","dossier":"19 z 4 a 7 k 0 b 12 q 3 m","objective":"Follow","target":"Duchess","casebook":"malory","created_at":"2026-11-22T13:24:51.123456Z"}}]}}"#
        )
    }

    #[tokio::test]
    async fn replies_that_nobody_waits_for_or_can_read_are_counted_and_harm_nothing() {
        let (timelines, config) = (Timelines::default(), Config::for_tests());
        let (correlator, dropped) = (Correlator::new(1, config.wait), Dropped::new(ROLE));
        let replies = Replies {
            correlator: &correlator,
            timelines: &timelines,
            dropped: &dropped,
            config: &config,
        };
        let [waiting, stray] = [1, 2].map(|n| MissionId::from(Uuid::from_u128(n)));
        let ids = MissionIds::one(waiting);
        let admission = Admission { ids, keyed: false, trace: None, client: None };
        let waiter = correlator.admit(admission).unwrap();
        let problem = serde_json::to_string(&Problem::new(schemas::ProblemKind::Invalid, ""));
        for (envelope, body) in [
            reply(Some(MessageType::Missions), &missions(stray)),
            reply(Some(MessageType::Problem), &problem.unwrap()),
            reply(Some(MessageType::Missions), "no JSON"),
            reply(Some(MessageType::Problem), "{}"),
            reply(Some(MessageType::Stored), &missions(waiting)),
            reply(None, &missions(waiting)),
        ] {
            replies.take(envelope.clone(), &body);
        }
        assert_eq!((dropped.so_far(Why::Late), dropped.so_far(Why::Malformed)), (2, 4));
        let (envelope, body) = reply(Some(MessageType::Missions), &missions(waiting));
        replies.take(envelope.clone(), &body);
        let forever = std::future::pending;
        assert!(waiter.wait(forever(), forever()).await.is_ok(), "it still got its own");
        replies.take(envelope.clone(), &body);
        assert_eq!(dropped.so_far(Why::Late), 3, "a second one comes late");
    }
}
