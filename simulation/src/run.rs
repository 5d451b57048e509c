//! One run: a schedule, from the first request to the verdict.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use schemas::Casebook;
use seams::{Mutant, chance};
use tokio::runtime::Builder;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use crate::breach::Breach;
use crate::callers::{Made, make};
use crate::disturbing::{bury, disturb};
use crate::judge::{is_done, judge};
use crate::listener::{Heard, listen};
use crate::schedule::Schedule;
use crate::system::System;
use crate::world::World;
use crate::{after, time};

/// When everything is whole again, everything is done within this time: the longest pause of a
/// question (30 s), and what it takes to be asked once more.
pub const BOUND: Duration = Duration::from_secs(60);
/// How often it is looked whether everything is done.
const LOOK: Duration = Duration::from_millis(250);
/// A caller is answered within this time.
const ANSWERED: Duration = Duration::from_secs(60);
/// Rows are settled for listeners after this time.
const HEARD: Duration = Duration::from_secs(14);

/// What became of a run.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// What broke.
    pub breaches: Vec<Breach>,
    /// How often each kind of fault happened.
    pub faults: BTreeMap<&'static str, u64>,
    /// The time from the last fault until everything was done.
    pub recovery: Duration,
    /// What happened, if it was to be written down.
    pub trace: Option<String>,
}

/// Runs a schedule, with this defect if there is one.
#[must_use]
pub fn run(schedule: &Schedule, mutant: Option<Mutant>, traced: bool) -> Outcome {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
    let Ok(runtime) = runtime else {
        let what = "there is no runtime".to_owned();
        return Outcome {
            breaches: vec![Breach { invariant: "simulation", what }],
            ..Outcome::default()
        };
    };
    chance::seed(Some(schedule.seed));
    plant(mutant);
    let outcome = runtime.block_on(simulate(schedule, traced));
    drop(runtime);
    plant(None);
    chance::seed(None);
    outcome
}

#[cfg(debug_assertions)]
fn plant(mutant: Option<Mutant>) {
    seams::plant(mutant);
}

/// A release build has no planted defects.
#[cfg(not(debug_assertions))]
fn plant(_: Option<Mutant>) {}

async fn simulate(schedule: &Schedule, traced: bool) -> Outcome {
    time::begin();
    let begun = Instant::now();
    let (sender, deaths) = mpsc::unbounded_channel();
    let world = Arc::new(World::new(schedule, traced, sender));
    let Ok(casebook) = Casebook::malory() else { return Outcome::default() };
    let system = System::start(Arc::clone(&world), schedule.replicas, casebook);
    let burying = tokio::spawn(bury(Arc::clone(&system), deaths));
    let heard = Arc::new(Heard::default());
    let listening = schedule
        .listens
        .then(|| tokio::spawn(listen_soon(Arc::clone(&system), Arc::clone(&heard))));
    let callers = schedule.requests.iter();
    let callers: Vec<_> = callers
        .map(|planned| tokio::spawn(make(Arc::clone(&system), planned.clone(), begun)))
        .collect();
    let faults = schedule.faults.iter();
    let faults: Vec<_> = faults
        .map(|fault| tokio::spawn(disturb(Arc::clone(&system), fault.clone(), begun)))
        .collect();
    for fault in faults {
        let _ = fault.await;
    }
    let made = answers(&system, callers, begun).await;
    let recovery = recover(&system, &made).await;
    judge(&system, schedule, &made);
    after::probe(&system).await;
    after::replay(&system, &made).await;
    after::walk(&system).await;
    if schedule.listens {
        sleep(HEARD).await;
        let missed = heard.missed(system.tables.missions().values());
        if !missed.is_empty() {
            world.breach("I13 liveness", format!("a listener missed {missed:?}"));
        }
    }
    if let Some(ended) = system.has_ended() {
        world.breach("I13 liveness", format!("{ended} has ended by itself"));
    }
    burying.abort();
    listening.inspect(|listening| listening.abort());
    let mut state = world.state();
    Outcome {
        breaches: std::mem::take(&mut state.breaches),
        faults: std::mem::take(&mut state.injected),
        recovery,
        trace: state.trace.take(),
    }
}

/// The gateways need a moment to begin.
async fn listen_soon(system: Arc<System>, heard: Arc<Heard>) {
    sleep(Duration::from_secs(1)).await;
    listen(system, heard).await;
}

/// What the callers were told. Messages and statements are safe from the end of the faults on.
async fn answers(system: &System, callers: Vec<JoinHandle<Made>>, begun: Instant) -> Vec<Made> {
    let mut made = Vec::new();
    // Some of the requests may still be to come.
    tokio::time::sleep_until(begun + Duration::from_secs(12)).await;
    system.world.heal();
    system.world.note(|| "healed".to_owned());
    for caller in callers {
        match timeout(ANSWERED, caller).await {
            Ok(Ok(done)) => made.push(done),
            Ok(Err(error)) => system.world.breach("simulation", error.to_string()),
            Err(_) => system.world.breach("I13 liveness", "a caller has no answer".to_owned()),
        }
    }
    made
}

/// Waits until everything is done, and returns how long that takes.
async fn recover(system: &System, made: &[Made]) -> Duration {
    let since = Instant::now();
    while !is_done(system, made) {
        if since.elapsed() > BOUND {
            system.world.breach("I13 liveness", "not everything is done in time".to_owned());
            break;
        }
        sleep(LOOK).await;
    }
    since.elapsed()
}
