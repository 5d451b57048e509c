//! Declares the topology table on RabbitMQ, and reports where RabbitMQ differs.

use super::channels::Channels;
use super::declaration::{ACCESS_REFUSED, Outcome, Thing, bind, declare_one, table};
use super::difference::{Difference, Severity, difference};
use crate::Fault;

pub(crate) async fn declare(channels: &Channels) -> Result<Vec<Difference>, Fault> {
    let mut channel = channels.open().await?;
    let mut differences = Vec::new();
    for thing in table() {
        let outcome = match (declare_one(&channel, thing, false).await?, thing) {
            (Outcome::Done, Thing::Queue(queue)) => bind(&channel, &queue).await?,
            (outcome, _) => outcome,
        };
        let Outcome::Refused { code, text } = outcome else { continue };
        channel = channels.open().await?;
        if code == ACCESS_REFUSED {
            // Whoever may not declare checks that it is there.
            if let Outcome::Refused { code, text } = declare_one(&channel, thing, true).await? {
                channel = channels.open().await?;
                differences.push(difference(channels, thing, code, text).await?);
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
