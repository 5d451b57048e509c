//! Every role in this process.

use bus::{Broker, Health};
use store::Store;
use tokio_util::sync::CancellationToken;
use workers::{decider, persister};

use crate::Failure;
use crate::command::Up;
use crate::roles::{clock, gateway_config, instance, listen, rng};
use crate::stop::until_stopped;

pub(crate) async fn run(settings: Up) -> Result<(), Failure> {
    let broker_address = settings.broker.or_memory()?;
    let database_address = settings.database.or_sqlite()?;
    let decider = decider::Config { casebook: settings.rules.casebook()?, clock };
    let listener = listen(&settings.http).await?;
    let store = Store::new(&database_address);
    store.migrate().await?;

    greet(&settings, &broker_address, &database_address, &decider);
    let broker = Broker::new(broker_address);
    let [gateway_stop, decider_stop, workers_stop] = [(); 3].map(|()| CancellationToken::new());
    let stop = gateway_stop.clone();
    // The one who waits stops first, and the one he waits for after him.
    let gateway = {
        let (broker, store, config) =
            (broker.clone(), store.clone(), gateway_config(&settings.http));
        async move {
            let health = Health::default();
            gateway::run(listener, &broker, store, config, &health, &gateway_stop).await;
        }
    };
    let deciding = {
        let (broker, stop) = (broker.clone(), decider_stop.clone());
        async move { decider::run(&broker, decider, &Health::default(), &stop).await }
    };
    let number = {
        let (broker, stop) = (broker.clone(), workers_stop.clone());
        async move {
            let name = instance("number");
            workers::number(&broker, &Health::default(), &stop, rng(), &name).await;
        }
    };
    let letter = {
        let (broker, stop) = (broker.clone(), workers_stop.clone());
        async move {
            let name = instance("letter");
            workers::letter(&broker, &Health::default(), &stop, rng(), &name).await;
        }
    };
    let persister = {
        let (broker, store, stop) = (broker.clone(), store.clone(), workers_stop.clone());
        async move {
            let (health, name) = (Health::default(), instance("persister"));
            persister::run(&broker, store, &health, &stop, clock, &name).await;
        }
    };
    let running = async move {
        // Tasks, so that each is woken for itself alone.
        let workers = [tokio::spawn(number), tokio::spawn(letter), tokio::spawn(persister)];
        let (deciding, gateway) = (tokio::spawn(deciding), tokio::spawn(gateway));
        ended(gateway).await;
        decider_stop.cancel();
        ended(deciding).await;
        workers_stop.cancel();
        for worker in workers {
            ended(worker).await;
        }
    };
    until_stopped(stop, running).await?;
    store.close().await;
    Ok(())
}

/// A role that panicked is a defect; the others go on until they are stopped.
async fn ended(role: tokio::task::JoinHandle<()>) {
    if let Err(panic) = role.await {
        tracing::error!(%panic, "a role ended before its time");
    }
}

#[expect(clippy::print_stdout, reason = "whoever starts it wants to know where it is")]
fn greet(
    settings: &Up,
    broker: &bus::Address,
    database: &store::Address,
    decider: &decider::Config,
) {
    let listen = settings.http.listen;
    let kept = match broker {
        bus::Address::Memory => " (in this process: a kill loses what is not yet stored)",
        bus::Address::Amqp(_) => "",
    };
    println!("spymission {}", env!("CARGO_PKG_VERSION"));
    println!("  listening on    http://{listen}");
    println!("  requests go to  {broker}{kept}");
    println!("  missions are in {database}");
    println!("  rules           {}", decider.casebook.name());
    println!("\nAsk for one:  curl -X POST http://{listen}/missions\nStop:         Ctrl-C");
}
