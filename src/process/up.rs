//! `spymission up`: every role in this process.

use std::net::SocketAddr;
use std::time::Duration;

use bus::{Broker, Drills, Health, State};
use schemas::{Casebook, Role};
use store::Store;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::gateway::{config, listen};
use super::stop::until_stopped;
use super::workers::Workers;
use super::{logs, presence};
use crate::cli::Up;
use crate::failure::Failure;
use crate::output;
use crate::settings::{Setting, WrongSetting};
use crate::system::instance;

const DRILLS: Setting = Setting::new("--drills", "SPYMISSION_DRILLS");

/// Runs every role until it is told to stop.
///
/// # Errors
/// A setting is wrong, the database refuses its migration, a role panicked, or the work could not
/// be finished in time.
pub(crate) async fn run(settings: Up) -> Result<(), Failure> {
    let began = Instant::now();
    let broker_address = settings.broker.or_memory()?;
    let database_address = settings.database.or_sqlite()?;
    let drills = drills(settings.drills, &broker_address)?;
    let casebook = settings.rules.casebook()?;
    let (listener, listen) = listen(&settings.http).await?;
    let config = config(&settings.http, listen, 0, &database_address)?;
    let store = settings.database.store(&database_address);
    migrate(&store).await?;

    greet(listen, &broker_address, &database_address, &casebook);
    let broker = match &drills {
        Some(drills) => Broker::with_drills(drills),
        None => settings.broker.connect(broker_address),
    };
    let mut roles = Roles::default();
    let config = gateway::Config { announce: logs::for_people(), drills: drills.clone(), ..config };
    let health = Health::default();
    let inviting = invite(health.clone(), began, listen, drills.is_some());
    let _inviting = AbortOnDropHandle::new(tokio::spawn(inviting));
    let serving = gateway(listener, broker.clone(), store.clone(), config, health, &roles);
    roles.spawn(Role::Gateway, serving);
    let workers = Workers { broker, store: store.clone(), casebook, drills };
    for role in Role::all_but(&[Role::Gateway]) {
        let (workers, stop) = (workers.clone(), roles.stop_of(role).clone());
        roles.spawn(role, async move { workers.run(role, &stop).await });
    }
    until_stopped(roles.gateway_stop.clone(), roles.end_in_order()).await??;
    store.close().await;
    Ok(())
}

/// The drills, if they are asked for.
///
/// # Errors
/// The broker is a server: nothing may disturb what others may use.
fn drills(wanted: bool, broker: &bus::Address) -> Result<Option<Drills>, WrongSetting> {
    match broker {
        bus::Address::Amqp(_) if wanted => Err(DRILLS.wrong(
            "drills disturb only the broker in this process: leave out --broker (and \
             SPYMISSION_BROKER), or leave out --drills",
        )),
        _ => Ok(wanted.then(Drills::default)),
    }
}

/// Runs the gateway until it is told to stop.
fn gateway(
    listener: TcpListener,
    broker: Broker,
    store: Store,
    config: gateway::Config,
    health: Health,
    roles: &Roles,
) -> impl Future<Output = ()> + Send + use<> {
    let stop = roles.stop_of(Role::Gateway).clone();
    async move {
        let name = instance(Role::Gateway.name());
        let running = gateway::run(listener, &broker, store, config, &health, &stop);
        let of = (Role::Gateway, name.as_str());
        presence::beside(&broker, of, &health, &stop, Box::pin(running)).await;
    }
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
    casebook: &Casebook,
) {
    let kept = match broker {
        bus::Address::Memory => " (in this process: a kill loses what is not yet stored)",
        bus::Address::Amqp(_) => "",
    };
    let (version, rules) = (env!("CARGO_PKG_VERSION"), casebook.name());
    print(&format!(
        "spymission {version}
  listens on          http://{listen}
  sends requests to   {broker}{kept}
  stores missions in  {database}
  uses the casebook   {rules}
"
    ));
}

/// Prints what can be done with it, as soon as that is so: not while the broker is away.
async fn invite(health: Health, began: Instant, listen: SocketAddr, drills: bool) {
    let mut states = health.watch();
    if states.wait_for(|state| !matches!(state, State::Waiting(_))).await.is_err() {
        return; // the gateway has ended
    }
    let ready = began.elapsed().as_millis();
    // Beyond this machine the page needs a token: see `--operator-token-file`.
    let watch = match listen.ip().is_loopback() {
        true => format!("Watch it work:      http://{listen}/operations\n"),
        false => String::new(),
    };
    let drills = match drills {
        true => format!("Learn by breaking:  http://{listen}/operations#drills\n"),
        false => String::new(),
    };
    print(&format!(
        "
ready in {ready} ms · open http://{listen}

Request a mission:  curl -X POST http://{listen}/missions
{watch}{drills}Stop:               Ctrl-C
"
    ));
}

fn print(text: &str) {
    if let Err(failure) = output::say(text) {
        tracing::warn!(%failure, "could not print the greeting");
    }
}
