//! `spymission topology`: shows the table of exchanges and queues, declares it on a broker, and compares
//! a broker with it.

pub(crate) mod compare;
pub(crate) mod definitions;
mod finding;
pub(crate) mod live;
mod policies;
#[cfg(test)]
mod tests;

use std::fmt::Write;

use bus::probe::{self, Comparison};
use bus::{Broker, Difference, Severity};
use schemas::topology::{Argument, EXCHANGES, QUEUES};

use crate::cli::{Topology, TopologyCheck};
use crate::failure::Failure;
use crate::output;
use crate::tools::management::{Api, Silence};
pub(crate) use finding::Finding;
use live::Live;

pub(crate) async fn run(action: Topology) -> Result<(), Failure> {
    match action {
        Topology::Show => output::say(&table()),
        Topology::Apply(settings) => {
            let address = settings.shared()?;
            Broker::new(address.clone()).open_declared("topology apply").await?.close().await;
            let (exchanges, queues) = (EXCHANGES.len(), QUEUES.len());
            output::say(&format!(
                "{address}: {exchanges} exchanges and {queues} queues are declared\n"
            ))
        }
        Topology::Check(settings) => check(settings).await,
        Topology::Definitions(settings) => definitions::write(&settings),
    }
}

async fn check(settings: TopologyCheck) -> Result<(), Failure> {
    let (api, address) = (settings.management.api()?, settings.broker.shared()?);
    let (findings, place, unseen) = match api {
        Some(api) => {
            let vhost = vhost(&address);
            let place = format!("{} {vhost}", api.place());
            let findings = all(&api, &address).await;
            let findings = findings.map_err(|silence| Failure::Check(silence.to_string()))?;
            (findings, place, String::new())
        }
        None => {
            let comparison = probe::compare(&Broker::new(address.clone())).await?;
            let unseen = unseen(&comparison);
            (comparison.differences.iter().map(first).collect(), address.to_string(), unseen)
        }
    };
    let mut text: String = findings.iter().map(Finding::line).collect();
    text.push_str(&unseen);
    let seen = if unseen.is_empty() { "" } else { ", as far as it can be compared" };
    let wrong = findings.iter().filter(|finding| finding.severity == Severity::Fatal).count();
    let differ = findings.len() - wrong;
    match (wrong, differ) {
        (0, 0) => text.push_str(&format!("{place}: as in the table{seen}\n")),
        (0, _) => text.push_str(&format!("{place}: tolerable differences: {differ}\n")),
        _ => {}
    }
    output::say(&text)?;
    match wrong {
        0 => Ok(()),
        _ => Err(Failure::Check(format!("{place}: {wrong} wrong, {differ} differ"))),
    }
}

/// Every difference, read over the management API.
///
/// # Errors
/// The API does not answer, or not as RabbitMQ does.
pub(crate) async fn all(api: &Api, address: &bus::Address) -> Result<Vec<Finding>, Silence> {
    let vhost = vhost(address);
    Ok(compare::compare(vhost, &address.queues(), &Live::read(api, vhost).await?))
}

/// The virtual host of this address.
pub(crate) fn vhost(address: &bus::Address) -> &str {
    match address {
        bus::Address::Amqp(nodes) => nodes.vhost(),
        bus::Address::Memory => "/",
    }
}

/// A difference that was seen over AMQP.
pub(crate) fn first(difference: &Difference) -> Finding {
    let Difference { name, what, severity } = difference;
    let next = match severity {
        Severity::Fatal if what.contains("missing") => "`spymission topology apply`".to_owned(),
        Severity::Fatal => "see all differences with --management".to_owned(),
        Severity::Tolerable => "keep it, or see all differences with --management".to_owned(),
    };
    Finding { severity: *severity, ..Finding::wrong(name, what, next) }
}

/// What could not be compared: AMQP reports only the first difference of each exchange and queue.
fn unseen(comparison: &Comparison) -> String {
    let mut text =
        "not compared over AMQP: bindings, policies, and further arguments where one differs \
                    (--management shows them)\n"
            .to_owned();
    let mut names = comparison.unseen.clone(); // a queue and its exchange may have the same name
    names.sort_unstable();
    names.dedup();
    if !names.is_empty() {
        let names = names.join(", ");
        text.push_str(&format!("not compared, because this user may not declare: {names}\n"));
    }
    text
}

fn table() -> String {
    // Writing to a String never fails.
    let mut text = String::new();
    let _ = writeln!(text, "{:<22} TYPE", "EXCHANGE");
    for exchange in EXCHANGES {
        let routing = compare::routing(exchange.routing);
        let _ = writeln!(text, "{:<22} {routing}", exchange.name);
    }
    let _ = writeln!(text, "\n{:<22} {:<22} ARGUMENTS", "QUEUE", "BOUND TO");
    for queue in QUEUES {
        let _ = writeln!(text, "{:<22} {}", queue.name, queue.source.name);
        for (name, value) in queue.arguments() {
            let value = match value {
                Argument::Text(value) => value.to_owned(),
                Argument::Whole(n) => n.to_string(),
            };
            let _ = writeln!(text, "{:<45} {name} = {value}", "");
        }
    }
    text
}
