//! `spymission worker`: one worker in a process of its own.

use bus::{Health, Replica};
use schemas::Role;
use store::Store;
use tokio_util::sync::CancellationToken;
use workers::decider;

use super::presence;
use super::status::{self, Database, Readiness};
use super::stop::until_stopped;
use crate::cli::{Status, Worker};
use crate::failure::Failure;
use crate::system::{clock, instance, rng};

/// Runs this worker until it is told to stop.
///
/// # Errors
/// A setting is wrong, or the worker could not finish its work in time.
pub(crate) async fn run(role: Worker, status: &Status) -> Result<(), Failure> {
    let (health, stop) = (Health::default(), CancellationToken::new());
    let listen = |store: Option<Store>| {
        let database = store.map(Database::new);
        let readiness = Readiness { health: health.clone(), stop: stop.clone(), database };
        status::listen(status, readiness)
    };
    match role {
        Worker::Part(part, settings) => {
            let broker = settings.connect(settings.shared()?);
            let (name, _status) = (instance(part.name()), listen(None).await?);
            let replica = Replica { instance: &name, clock };
            let running = workers::part(part, &broker, &health, &stop, rng(), replica);
            let running = Box::pin(running);
            let of = (Role::Part(part), name.as_str());
            let running = presence::beside(&broker, of, &health, &stop, running);
            until_stopped(stop.clone(), running).await
        }
        Worker::Decider(settings) => {
            let name = instance(Role::Decider.name());
            let config = decider::Config {
                casebook: settings.rules.casebook()?,
                clock,
                instance: name.clone(),
            };
            let broker = settings.broker.connect(settings.broker.shared()?);
            let _status = listen(None).await?;
            let running = Box::pin(decider::run(&broker, config, &health, &stop));
            let of = (Role::Decider, name.as_str());
            let running = presence::beside(&broker, of, &health, &stop, running);
            until_stopped(stop.clone(), running).await
        }
        Worker::Persister(settings) => {
            let broker = settings.broker.connect(settings.broker.shared()?);
            let store = settings.database.store(&settings.database.required()?);
            let (name, _status) =
                (instance(Role::Persister.name()), listen(Some(store.clone())).await?);
            let replica = Replica { instance: &name, clock };
            let running = workers::persister::run(&broker, store.clone(), &health, &stop, replica);
            let running = Box::pin(running);
            let of = (Role::Persister, name.as_str());
            let running = presence::beside(&broker, of, &health, &stop, running);
            until_stopped(stop.clone(), running).await?;
            store.close().await;
            Ok(())
        }
    }
}
