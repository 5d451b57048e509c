//! `spymission topology`: the table of exchanges and queues, and how a broker compares.
#![expect(clippy::print_stdout, reason = "the outcome of the command")]

use bus::{Broker, Difference, Severity};
use schemas::topology::{Argument, EXCHANGES, QUEUES, Routing};

use crate::Failure;
use crate::command::Topology;

pub(crate) async fn run(action: Topology) -> Result<(), Failure> {
    match action {
        Topology::Show => show(),
        Topology::Definitions(settings) => crate::definitions::write(&settings)?,
        Topology::Apply(settings) => {
            let address = settings.shared()?;
            Broker::new(address.clone()).open_declared("topology apply").await?.close().await;
            println!("{address}: {} exchanges and {} queues stand", EXCHANGES.len(), QUEUES.len());
        }
        Topology::Check(settings) => {
            let address = settings.shared()?;
            let differences = Broker::new(address.clone()).differences().await?;
            differences.iter().for_each(tell);
            if !differences.is_empty() {
                let count = differences.len();
                return Err(Failure::Check(format!("{address}: {count} differences")));
            }
            println!("{address}: as in the table, as far as AMQP shows it (bindings it does not)");
        }
    }
    Ok(())
}

fn tell(difference: &Difference) {
    let word = match difference.severity {
        Severity::Tolerable => "differs",
        Severity::Fatal => "wrong",
    };
    println!("{word:<8} {difference}");
}

fn show() {
    println!("{:<22} TYPE", "EXCHANGE");
    for exchange in EXCHANGES {
        let routing = match exchange.routing {
            Routing::Fanout => "fanout",
            Routing::Direct => "direct",
            Routing::Topic => "topic",
        };
        println!("{:<22} {routing}", exchange.name);
    }
    println!("\n{:<22} {:<22} ARGUMENTS", "QUEUE", "BOUND TO");
    for queue in QUEUES {
        println!("{:<22} {}", queue.name, queue.source.name);
        for (name, value) in queue.arguments() {
            match value {
                Argument::Text(text) => println!("{:<45} {name} = {text}", ""),
                Argument::Whole(n) => println!("{:<45} {name} = {n}", ""),
            }
        }
    }
}
