//! Makes RabbitMQ look like the topology table, or says where it does not.

use super::declaration::{ACCESS_REFUSED, Outcome, Thing, bind, declare_one, table};
use super::difference::{Difference, Severity, difference};
use super::link::Link;
use crate::Fault;

pub(crate) async fn declare(link: &Link) -> Result<Vec<Difference>, Fault> {
    let mut channel = link.channel().await?;
    let mut differences = Vec::new();
    for thing in table() {
        let outcome = match (declare_one(&channel, thing, false).await?, thing) {
            (Outcome::Done, Thing::Queue(queue)) => bind(&channel, &queue).await?,
            (outcome, _) => outcome,
        };
        let Outcome::Refused { code, text } = outcome else { continue };
        channel = link.channel().await?;
        if code == ACCESS_REFUSED {
            // Whoever may not declare checks that it is there.
            if let Outcome::Refused { code, text } = declare_one(&channel, thing, true).await? {
                channel = link.channel().await?;
                differences.push(difference(link, thing, code, text).await?);
            }
        } else {
            let difference = difference(link, thing, code, text).await?;
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
