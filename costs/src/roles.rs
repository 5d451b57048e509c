//! Each role as a task of the runtime.

use std::net::SocketAddr;
use std::time::Duration;

use bus::{Broker, Health, Replica};
use rand::SeedableRng;
use rand::rngs::StdRng;
use schemas::{Casebook, Part};
use store::Store;
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use workers::{decider, persister};

/// Starts a worker that draws this part.
pub(crate) fn part(part: Part, broker: &Broker) {
    let broker = broker.clone();
    tokio::spawn(async move {
        let (health, stop) = running();
        let rng = StdRng::seed_from_u64(1);
        workers::part(part, &broker, &health, &stop, rng, replica()).await;
    });
}

/// Starts a persister.
pub(crate) fn persister(broker: &Broker, store: Store) {
    let broker = broker.clone();
    tokio::spawn(async move {
        let (health, stop) = running();
        persister::run(&broker, store, &health, &stop, replica()).await;
    });
}

/// Starts a decider.
pub(crate) fn decider(broker: &Broker) {
    let broker = broker.clone();
    tokio::spawn(async move {
        let (health, stop) = running();
        let (casebook, instance) = (casebook(), "decider".to_owned());
        let config = decider::Config { casebook, clock, instance };
        decider::run(&broker, config, &health, &stop).await;
    });
}

/// Starts a gateway, and gives its address.
pub(crate) async fn gateway(broker: &Broker, store: Store) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it listens");
    let broker = broker.clone();
    tokio::spawn(async move {
        let (health, stop) = running();
        gateway::run(listener, &broker, store, config(), &health, &stop).await;
    });
    address
}

/// The rules of a mission.
pub(crate) fn casebook() -> Casebook {
    Casebook::malory().expect("the default casebook is valid")
}

fn running() -> (Health, CancellationToken) {
    (Health::default(), CancellationToken::new())
}

fn replica() -> Replica<'static> {
    Replica { instance: "worker", clock }
}

fn config() -> gateway::Config {
    gateway::Config {
        batch: 256,
        wait: Duration::from_secs(10),
        drain: Duration::ZERO,
        stream: Duration::from_secs(10),
        clock,
        new_id,
        announce: false,
        limits: gateway::Limits::default(),
        operators: gateway::Operators::Local,
        sends: true,
        drills: None,
        database: String::new(),
    }
}

#[expect(clippy::disallowed_methods, reason = "what is counted is the same at any time")]
fn clock() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

#[expect(clippy::disallowed_methods, reason = "what is counted is the same for any id")]
fn new_id() -> uuid::Uuid {
    uuid::Uuid::now_v7()
}
