//! Compares a broker with the topology table.

use crate::amqp::Channels;
use crate::amqp::declaration::{ACCESS_REFUSED, Outcome, declare_one, table};
use crate::amqp::difference::difference;
use crate::{Broker, Difference, Fault};

/// How a broker compares with the topology table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Where it differs: the first difference of each exchange and queue.
    pub differences: Vec<Difference>,
    /// What is there, but could not be compared: this user may not declare it.
    pub unseen: Vec<&'static str>,
}

/// Compares the broker with the topology table, and changes nothing.
///
/// # Errors
/// No connection, or it is lost; each step waits 5 s at most.
pub async fn compare(broker: &Broker) -> Result<Comparison, Fault> {
    let link = broker.open("topology check").await?;
    match link.as_amqp() {
        Some(link) => compare_on(link.channels()).await,
        None => Ok(Comparison::default()), // it is made from the table
    }
}

async fn compare_on(channels: &Channels) -> Result<Comparison, Fault> {
    let mut channel = channels.open().await?;
    let mut comparison = Comparison::default();
    for thing in table(channels.is_cluster()) {
        let mut outcome = declare_one(&channel, thing, true).await?;
        if matches!(outcome, Outcome::Done) {
            // It is there, so declaring it changes nothing and compares every argument.
            outcome = declare_one(&channel, thing, false).await?;
        }
        if let Outcome::Refused { code, text } = outcome {
            channel = channels.open().await?;
            if code == ACCESS_REFUSED {
                comparison.unseen.push(thing.name());
            } else {
                comparison.differences.push(difference(channels, thing, code, text).await?);
            }
        }
    }
    Ok(comparison)
}
