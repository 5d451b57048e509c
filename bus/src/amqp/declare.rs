//! Declares the topology table on RabbitMQ, and reports where RabbitMQ differs.

use std::time::Duration;

use schemas::topology::{QueueKind, REQUESTS};

use super::channels::{Channel, Channels};
use super::declaration::{ACCESS_REFUSED, NOT_FOUND, Outcome, Thing, bind, declare_one, table};
use super::difference::{Difference, Severity, difference};
use crate::Fault;

/// A queue that was deleted is not made again sooner than this. RabbitMQ ends the consumers of a deleted
/// queue some time after the queue is gone.
const REST: Duration = Duration::from_millis(500);
/// The same for a quorum queue, whose files are removed besides. A new queue of the same name that is
/// there by then gets the old consumers, and 3.10 delivers nothing to them any more; or it loses its
/// files, and 3.10 makes no queue of that name until the node is restarted (`cluster_not_formed`).
const QUORUM_REST: Duration = Duration::from_millis(1_500);

pub(crate) async fn declare(channels: &Channels) -> Result<Vec<Difference>, Fault> {
    let (mut channel, mut looking) = (channels.open().await?, channels.open().await?);
    // In a new virtual host nobody consumes.
    let is_new = missing(channels, &mut looking, Thing::Exchange(REQUESTS)).await?;
    let mut rested = if is_new { QUORUM_REST } else { Duration::ZERO };
    let mut differences = Vec::new();
    for thing in table(channels.is_cluster()) {
        let rest = rest(thing);
        if rested < rest && missing(channels, &mut looking, thing).await? {
            tokio::time::sleep(rest - rested).await;
            rested = rest;
        }
        let outcome = match (declare_one(&channel, thing, false).await?, thing) {
            (Outcome::Done, Thing::Queue(queue)) => bind(&channel, &queue).await?,
            (outcome, _) => outcome,
        };
        let Outcome::Refused { code, text } = outcome else { continue };
        channel = channels.open().await?;
        if code == ACCESS_REFUSED {
            // Whoever may not declare checks that it is there. RabbitMQ 4.3 shows it only to users who may do
            // something with it: the others do not need it.
            if let Outcome::Refused { code, text } = declare_one(&channel, thing, true).await? {
                channel = channels.open().await?;
                if code != ACCESS_REFUSED {
                    differences.push(difference(channels, thing, code, text).await?);
                }
            }
        } else {
            let difference = difference(channels, thing, code, text).await?;
            if let (Thing::Queue(queue), Severity::Tolerable) = (thing, difference.severity)
                && let Outcome::Refused { text, .. } = bind(&channel, &queue).await?
            {
                return Err(Fault::Topology(format!("{}: {text}", queue.name)));
            }
            differences.push(difference);
        }
    }
    Ok(differences)
}

/// How long after its deletion this may be made again.
fn rest(thing: Thing) -> Duration {
    match thing {
        Thing::Exchange(_) => Duration::ZERO,
        Thing::Queue(queue) => match queue.kind {
            QueueKind::Quorum { .. } | QueueKind::Replicated { .. } => QUORUM_REST,
            QueueKind::Transient { .. } => REST,
        },
    }
}

/// Whether this is not there. A refusal closes the channel; then another one is opened.
async fn missing(channels: &Channels, looking: &mut Channel, thing: Thing) -> Result<bool, Fault> {
    match declare_one(looking, thing, true).await? {
        Outcome::Done => Ok(false),
        Outcome::Refused { code, .. } => {
            *looking = channels.open().await?;
            Ok(code == NOT_FOUND)
        }
    }
}
