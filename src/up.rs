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
    let gateway = async {
        let (config, health) = (gateway_config(&settings.http), Health::default());
        let store = store.clone();
        gateway::run(listener, &broker, store, config, &health, &gateway_stop).await;
        decider_stop.cancel();
    };
    let decider = async {
        decider::run(&broker, decider, &Health::default(), &decider_stop).await;
        workers_stop.cancel();
    };
    let number = async {
        let name = instance("number");
        workers::number(&broker, &Health::default(), &workers_stop, rng(), &name).await;
    };
    let letter = async {
        let name = instance("letter");
        workers::letter(&broker, &Health::default(), &workers_stop, rng(), &name).await;
    };
    let persister = async {
        let (health, name) = (Health::default(), instance("persister"));
        persister::run(&broker, store.clone(), &health, &workers_stop, clock, &name).await;
    };
    let running = async {
        tokio::join!(gateway, decider, number, letter, persister);
    };
    until_stopped(stop, running).await?;
    store.close().await;
    Ok(())
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
