//! The gateway's side of the broker: publishes who waits at the desk, and hands out the replies.

use std::sync::Arc;
use std::time::Duration;

use bus::{
    Broker, Confirmed, ConfirmedPublisher, Delivery, Envelope, Fault, Health, failpoint, supervise,
};
use schemas::topology::{self, reply_queue};
use schemas::{Kind, Missions, Problem};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{Config, Desk};

const ROLE: &str = "gateway";
/// After a refusal: how long nothing is published. Callers gather meanwhile.
const FULL: Duration = Duration::from_millis(20);
/// Replies on their way to us that are not yet acknowledged.
const PREFETCH: u16 = 512;

/// Publishes and hands out until `stop`, whenever the broker is there.
pub(crate) async fn run(
    broker: &Broker,
    desk: &Arc<Desk>,
    health: &Health,
    config: Config,
    stop: &CancellationToken,
) {
    supervise(ROLE, health, stop, || async {
        let ended = session(broker, desk, health, config, stop).await;
        desk.session_ends();
        ended
    })
    .await;
}

async fn session(
    broker: &Broker,
    desk: &Desk,
    health: &Health,
    config: Config,
    stop: &CancellationToken,
) -> Result<(), Fault> {
    let publishing = broker.open_declared("gateway publish").await?;
    let replies = broker.open("gateway replies").await?;
    // The reply queue stands before the first request leaves.
    let address = reply_queue::name(ROLE, Uuid::new_v4());
    let consumer = replies.consume_own(&address, PREFETCH).await?;
    let publisher = publishing.confirmed_publisher().await?;
    desk.session_begins();
    health.up();
    tracing::info!(role = ROLE, reply_queue = address, "publishing requests");
    tokio::select! {
        () = stop.cancelled() => {}
        ended = publish(desk, &publisher, &address, config) => return ended,
        ended = consumer.hand_out(|reply| take(desk, &reply)) => return ended,
        fault = publishing.lost() => return Err(fault),
        fault = replies.lost() => return Err(fault),
    }
    tokio::join!(replies.close(), publishing.close());
    Ok(())
}

/// One batch after the other. While one awaits its confirm, the next one gathers at the desk:
/// under load batches form by themselves, and a single caller never waits for company.
async fn publish(
    desk: &Desk,
    publisher: &ConfirmedPublisher,
    address: &str,
    config: Config,
) -> Result<(), Fault> {
    loop {
        let batch = desk.next_batch().await;
        let body = serde_json::to_vec(&batch.request).unwrap_or_default(); // it cannot fail
        let envelope = Envelope {
            message_id: Some((config.new_id)().to_string()),
            reply_to: Some(address.to_owned()),
            timestamp: u64::try_from((config.clock)().unix_timestamp()).ok(),
            traceparent: batch.trace.as_ref().map(|trace| trace.parent.clone()),
            tracestate: batch.trace.as_ref().and_then(|trace| trace.state.clone()),
            ..Envelope::default()
        };
        desk.publishing();
        let ids = || batch.request.missions.as_slice().iter().copied();
        failpoint::reach("gateway.before-publish", ids());
        // A fault ends the session with the batch unknown; the next one publishes it again.
        let confirmed = publisher.publish(topology::REQUESTS, &envelope, &body).await?;
        failpoint::reach("gateway.after-publish", ids());
        match confirmed {
            Confirmed::Taken => desk.confirmed(&batch),
            Confirmed::Refused | Confirmed::Unroutable => {
                tracing::warn!(?confirmed, "RabbitMQ did not take a request");
                desk.refused(&batch);
                tokio::time::sleep(FULL).await; // and no loop as fast as refusals come
            }
        }
    }
}

/// A reply that cannot be read is dropped: its callers look in the table when their wait ends.
fn take(desk: &Desk, delivery: &Delivery) {
    match delivery.envelope.kind {
        Some(Kind::Missions) => match serde_json::from_slice::<Missions>(&delivery.body) {
            Ok(reply) => desk.stored(reply.missions),
            Err(error) => tracing::warn!(%error, "dropped a reply that cannot be read"),
        },
        Some(Kind::Problem) => match serde_json::from_slice::<Problem>(&delivery.body) {
            Ok(problem) => desk.problem(&problem),
            Err(error) => tracing::warn!(%error, "dropped a problem that cannot be read"),
        },
        kind => tracing::warn!(?kind, "dropped a reply of a kind that nobody asked for"),
    }
}
