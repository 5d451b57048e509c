//! `spymission up`: every role in this process.

use std::net::SocketAddr;
use std::time::Duration;

use bus::{Health, Replica};
use schemas::Role;
use store::Store;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use workers::{decider, persister};

use super::gateway::{config, listen};
use super::logs;
use super::presence;
use super::stop::until_stopped;
use crate::cli::Up;
use crate::failure::Failure;
use crate::output;
use crate::system::{clock, instance, rng};

/// Runs every role until it is told to stop.
///
/// # Errors
/// A setting is wrong, the database refuses its migration, a role panicked, or the work could not
/// be finished in time.
pub(crate) async fn run(settings: Up) -> Result<(), Failure> {
    let broker_address = settings.broker.or_memory()?;
    let database_address = settings.database.or_sqlite()?;
    let decider = decider::Config {
        casebook: settings.rules.casebook()?,
        clock,
        instance: instance(Role::Decider.name()),
    };
    let (listener, listen) = listen(&settings.http).await?;
    let config = config(&settings.http, listen, 0)?;
    let store = settings.database.store(&database_address);
    migrate(&store).await?;

    greet(listen, &broker_address, &database_address, &decider);
    let (broker, mut roles) = (settings.broker.connect(broker_address), Roles::default());
    let mut gateway = Some((listener, gateway::Config { announce: logs::for_people(), ..config }));
    for role in Role::ALL {
        let (broker, store, stop) = (broker.clone(), store.clone(), roles.stop_of(role).clone());
        let (decider, gateway) = (decider.clone(), gateway.take());
        roles.spawn(role, async move {
            let health = Health::default();
            let instance = match role {
                Role::Decider => decider.instance.clone(),
                Role::Gateway | Role::Part(_) | Role::Persister => instance(role.name()),
            };
            let replica = Replica { instance: &instance, clock };
            let running = Box::pin(async {
                match role {
                    Role::Gateway => {
                        let Some((listener, config)) = gateway else { return };
                        gateway::run(listener, &broker, store, config, &health, &stop).await;
                    }
                    Role::Decider => decider::run(&broker, decider, &health, &stop).await,
                    Role::Part(part) => {
                        workers::part(part, &broker, &health, &stop, rng(), replica).await;
                    }
                    Role::Persister => {
                        persister::run(&broker, store, &health, &stop, replica).await;
                    }
                }
            });
            presence::beside(&broker, (role, &instance), &health, &stop, running).await;
        });
    }
    until_stopped(roles.gateway_stop.clone(), roles.end_in_order()).await??;
    store.close().await;
    Ok(())
}

/// Brings the tables up to date. Waits for a database that is away.
async fn migrate(store: &Store) -> Result<(), Failure> {
    let mut said = false;
    loop {
        match store.migrate().await {
            Err(store::Error::Unavailable(why)) => {
                if !std::mem::replace(&mut said, true) {
                    tracing::warn!(why, "waiting for the database");
                }
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            done => return Ok(done?),
        }
    }
}

/// The roles, each in a task of its own.
#[derive(Default)]
struct Roles {
    tasks: JoinSet<Role>,
    gateway_stop: CancellationToken,
    decider_stop: CancellationToken,
    workers_stop: CancellationToken,
}

impl Roles {
    /// What stops this role. A role that waits for others is stopped before them.
    fn stop_of(&self, role: Role) -> &CancellationToken {
        match role {
            Role::Gateway => &self.gateway_stop,
            Role::Decider => &self.decider_stop,
            Role::Part(_) | Role::Persister => &self.workers_stop,
        }
    }

    fn spawn(&mut self, role: Role, running: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(async move {
            running.await;
            role
        });
    }

    /// Waits until all have ended: the gateway first, then the decider, then the workers, so that
    /// each finds those it waits for still running. A role that panics ends all of them.
    async fn end_in_order(mut self) -> Result<(), Failure> {
        let mut defect = None;
        while let Some(ended) = self.tasks.join_next().await {
            match ended {
                Ok(Role::Gateway) => self.decider_stop.cancel(),
                Ok(Role::Decider) => self.workers_stop.cancel(),
                Ok(Role::Part(_) | Role::Persister) => {}
                Err(panic) => {
                    tracing::error!(%panic, "a role has panicked");
                    let stops = [&self.gateway_stop, &self.decider_stop, &self.workers_stop];
                    stops.into_iter().for_each(CancellationToken::cancel);
                    defect = Some(Failure::Check(panic.to_string()));
                }
            }
        }
        defect.map_or(Ok(()), Err)
    }
}

/// Prints what runs and where. A greeting that cannot be written is lost.
fn greet(
    listen: SocketAddr,
    broker: &bus::Address,
    database: &store::Address,
    decider: &decider::Config,
) {
    let kept = match broker {
        bus::Address::Memory => " (in this process: a kill loses what is not yet stored)",
        bus::Address::Amqp(_) => "",
    };
    // Beyond this machine the page needs a token: see `--operator-token-file`.
    let watch = match listen.ip().is_loopback() {
        true => format!("Watch it work:      http://{listen}/operations\n"),
        false => String::new(),
    };
    let (version, rules) = (env!("CARGO_PKG_VERSION"), decider.casebook.name());
    let greeting = format!(
        "spymission {version}
  listens on          http://{listen}
  sends requests to   {broker}{kept}
  stores missions in  {database}
  uses the casebook   {rules}

Request a mission:  curl -X POST http://{listen}/missions
{watch}Stop:               Ctrl-C
"
    );
    if let Err(failure) = output::say(&greeting) {
        tracing::warn!(%failure, "could not print the greeting");
    }
}
