//! Every role on one thread, as `spymission` runs them on a machine with two cores, with SQLite.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bus::{Address, Broker, Health, Replica};
use rand::SeedableRng;
use rand::rngs::StdRng;
use schemas::{Casebook, Part};
use store::Store;
use tempfile::TempDir;
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;
use workers::{decider, persister};

use crate::baseline::Costs;
use crate::caller::calls;

/// How long a measurement may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// After this time the text of metrics is written anew.
const LATER: Duration = Duration::from_secs(1);

/// A pipeline that answers.
pub(crate) struct Pipeline {
    runtime: Runtime,
    gateway: SocketAddr,
    _dir: TempDir,
}

impl Pipeline {
    pub(crate) fn start() -> Self {
        let dir = TempDir::new().unwrap();
        let file = format!("sqlite:{}", dir.path().join("missions.db").display());
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let gateway = runtime.block_on(start(Store::new(&file.parse().unwrap())));
        Self { runtime, gateway, _dir: dir }
    }

    /// Has so many requests answered, each for so many missions.
    pub(crate) fn answer(&self, requests: usize, missions: usize) {
        let body = if missions == 1 { String::new() } else { format!(r#"{{"count":{missions}}}"#) };
        let answered = calls(self.gateway, requests, body);
        self.runtime.block_on(async {
            tokio::time::timeout(PATIENCE, answered).await.unwrap().expect("each answer is 201");
        });
    }

    /// As [`answer`](Self::answer); what a mission cost.
    pub(crate) fn cost(&self, requests: usize, missions: usize) -> Costs {
        let before = published(Duration::ZERO);
        let counted = allocation_counter::measure(|| self.answer(requests, missions));
        let all = (requests * missions) as f64;
        let messages = (published(LATER) - before) as f64 / all;
        Costs { allocations: counted.count_total as f64 / all, messages }
    }
}

/// Starts every role.
async fn start(store: Store) -> SocketAddr {
    store.migrate().await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gateway = listener.local_addr().unwrap();
    let broker = Broker::new(Address::Memory);
    for part in Part::ALL {
        let broker = broker.clone();
        tokio::spawn(async move {
            let (health, stop) = running();
            let rng = StdRng::seed_from_u64(1);
            workers::part(part, &broker, &health, &stop, rng, replica()).await;
        });
    }
    let (its_broker, its_store) = (broker.clone(), store.clone());
    tokio::spawn(async move {
        let (health, stop) = running();
        persister::run(&its_broker, its_store, &health, &stop, replica()).await;
    });
    let its_broker = broker.clone();
    tokio::spawn(async move {
        let (health, stop) = running();
        let (casebook, instance) = (Casebook::malory().unwrap(), "decider".to_owned());
        let config = decider::Config { casebook, clock, instance };
        decider::run(&its_broker, config, &health, &stop).await;
    });
    tokio::spawn(async move {
        let (health, stop) = running();
        gateway::run(listener, &broker, store, config(), &health, &stop).await;
    });
    gateway
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
        drills: None,
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

/// The messages that this process has published; `later` is later than at the call before, because the
/// text of metrics is given again for a while.
fn published(later: Duration) -> u64 {
    let text = telemetry::text(Instant::now() + later);
    let text = String::from_utf8_lossy(&text);
    let lines =
        text.lines().filter(|line| line.starts_with("messaging_client_sent_messages_total{"));
    lines.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
}
