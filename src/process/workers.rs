//! The workers of `up`: one of each role, in this process.

use bus::{Broker, Drills, Health, Replica};
use schemas::Role;
use schemas::drills::Drill;
use store::Store;
use tokio_util::sync::CancellationToken;
use workers::{decider, persister};

use super::presence;
use crate::system::{clock, instance, rng};

/// What a worker needs, whatever its role.
#[derive(Clone)]
pub(super) struct Workers {
    pub(super) broker: Broker,
    pub(super) store: Store,
    pub(super) casebook: schemas::Casebook,
    pub(super) drills: Option<Drills>,
}

impl Workers {
    /// Runs a worker of this role until it is told to stop. Another one takes the place of a worker
    /// that a drill has killed.
    pub(super) async fn run(&self, role: Role, stop: &CancellationToken) {
        let Some(drills) = &self.drills else { return self.run_one(role, stop).await };
        while drills.kills(role, self.run_one(role, stop)).await {
            tracing::warn!(role = role.name(), "a drill has killed this worker");
            drills.over(Drill::KillWorker).await;
        }
    }

    /// Runs one worker, under a name of its own.
    async fn run_one(&self, role: Role, stop: &CancellationToken) {
        let (health, name) = (Health::default(), instance(role.name()));
        let replica = Replica { instance: &name, clock };
        let running = Box::pin(async {
            match role {
                Role::Gateway => {} // it keeps the port, and nobody may kill it
                Role::Decider => {
                    let (casebook, instance) = (self.casebook.clone(), name.clone());
                    let config = decider::Config { casebook, clock, instance };
                    decider::run(&self.broker, config, &health, stop).await;
                }
                Role::Part(part) => {
                    workers::part(part, &self.broker, &health, stop, rng(), replica).await;
                }
                Role::Persister => {
                    persister::run(&self.broker, self.store.clone(), &health, stop, replica).await;
                }
            }
        });
        presence::beside(&self.broker, (role, &name), &health, stop, running).await;
    }
}
