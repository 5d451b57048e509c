//! One role in one process.

use std::time::Duration;

use bus::{Broker, Health};
use rand::rngs::StdRng;
use store::Store;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use workers::decider;

use crate::Failure;
use crate::cli::{self, Http, Status, Worker};
use crate::process::status::{self, Readiness};
use crate::process::stop::until_stopped;
use crate::settings::WrongSetting;

/// The clock of the real world.
#[expect(clippy::disallowed_methods, reason = "the one place where the clock comes in")]
pub(crate) fn clock() -> time::OffsetDateTime {
    time::OffsetDateTime::now_utc()
}

/// A new id: a UUIDv7, so that ids made one after the other stand side by side in the table.
#[expect(clippy::disallowed_methods, reason = "the one place where ids come in")]
pub(crate) fn new_id() -> uuid::Uuid {
    uuid::Uuid::now_v7()
}

/// The randomness of the real world, seeded by the system.
pub(crate) fn rng() -> StdRng {
    rand::make_rng()
}

/// Names this instance of a role in the answers that it signs.
pub(crate) fn instance(role: &str) -> String {
    format!("{role}.{}", uuid::Uuid::new_v4())
}

/// Opens the port, before anything else: a port that is taken is a wrong setting.
pub(crate) async fn listen(http: &Http) -> Result<TcpListener, WrongSetting> {
    let listening = TcpListener::bind(http.listen).await;
    listening.map_err(|error| {
        WrongSetting::new("--listen (SPYMISSION_LISTEN)", format!("{}: {error}", http.listen))
    })
}

/// The gateway's behaviour from its settings.
pub(crate) fn gateway_config(http: &Http, drain: u64) -> gateway::Config {
    gateway::Config {
        batch: http.batch.into(),
        wait: Duration::from_secs(http.wait),
        drain: Duration::from_secs(http.drain.unwrap_or(drain)),
        stream: Duration::from_secs(http.stream),
        clock,
        new_id,
        limits: gateway::Limits {
            connections: usize::try_from(http.connections).unwrap_or(usize::MAX),
            rate: http.rate,
            proxies: http.trust_proxy.clone().unwrap_or_default(),
            origins: http.cors.clone(),
        },
    }
}

pub(crate) async fn gateway(settings: cli::Gateway) -> Result<(), Failure> {
    let broker = Broker::new(settings.broker.shared()?);
    let store = Store::new(&settings.database.required()?);
    let (config, stop) = (gateway_config(&settings.http, 5), CancellationToken::new());
    let listener = listen(&settings.http).await?;
    tracing::info!(listen = %settings.http.listen, "gateway");
    let health = Health::default();
    let running = gateway::run(listener, &broker, store.clone(), config, &health, &stop);
    until_stopped(stop.clone(), running).await?;
    store.close().await;
    Ok(())
}

pub(crate) async fn worker(role: Worker, status: &Status) -> Result<(), Failure> {
    let (health, stop) = (Health::default(), CancellationToken::new());
    let listen = |store: Option<Store>| {
        let readiness = Readiness { health: health.clone(), stop: stop.clone(), store };
        status::listen(status, readiness)
    };
    match role {
        Worker::Number(settings) => {
            let broker = Broker::new(settings.shared()?);
            let (name, _status) = (instance("number"), listen(None).await?);
            let running = workers::number(&broker, &health, &stop, rng(), &name);
            until_stopped(stop.clone(), running).await
        }
        Worker::Letter(settings) => {
            let broker = Broker::new(settings.shared()?);
            let (name, _status) = (instance("letter"), listen(None).await?);
            let running = workers::letter(&broker, &health, &stop, rng(), &name);
            until_stopped(stop.clone(), running).await
        }
        Worker::Decider(settings) => {
            let config = decider::Config { casebook: settings.rules.casebook()?, clock };
            let broker = Broker::new(settings.broker.shared()?);
            let _status = listen(None).await?;
            until_stopped(stop.clone(), decider::run(&broker, config, &health, &stop)).await
        }
        Worker::Persister(settings) => {
            let broker = Broker::new(settings.broker.shared()?);
            let store = Store::new(&settings.database.required()?);
            let (name, _status) = (instance("persister"), listen(Some(store.clone())).await?);
            let running =
                workers::persister::run(&broker, store.clone(), &health, &stop, clock, &name);
            until_stopped(stop.clone(), running).await?;
            store.close().await;
            Ok(())
        }
    }
}

#[expect(clippy::print_stdout, reason = "the outcome of the command")]
pub(crate) async fn migrate(database: cli::Database) -> Result<(), Failure> {
    let address = database.required()?;
    let store = Store::new(&address);
    store.migrate().await?;
    store.close().await;
    println!("{address}: the tables are up to date");
    Ok(())
}
