//! The processes: each can be started, killed and stopped.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bus::simulated::Disturb;
use bus::{Broker, Health, Replica};
use gateway::Call;
use rand::SeedableRng;
use rand::rngs::StdRng;
use schemas::{Casebook, Part};
use seams::chance;
use store::Store;
use store::simulated::Tables;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use workers::{decider, persister};

use crate::time::{clock, new_id};
use crate::world::World;

/// What processes do, in the order of [`Schedule::replicas`](crate::Schedule::replicas).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Does {
    Gateway,
    Decider,
    Part(Part),
    Persister,
}

struct Process {
    name: String,
    does: Does,
    stop: CancellationToken,
    task: Option<JoinHandle<()>>,
    calls: Option<mpsc::Sender<Call>>,
}

/// Servers and processes.
pub(crate) struct System {
    pub(crate) world: Arc<World>,
    pub(crate) disturb: Disturb,
    pub(crate) tables: Tables,
    casebook: Casebook,
    processes: Mutex<Vec<Process>>,
}

impl System {
    /// Starts everything.
    pub(crate) fn start(world: Arc<World>, replicas: [usize; 5], casebook: Casebook) -> Arc<Self> {
        let disturb = Disturb::new(Arc::clone(&world) as Arc<dyn bus::simulated::Plan>);
        let tables = Tables::new(Arc::clone(&world) as Arc<dyn store::simulated::Plan>);
        let all = [
            ("gateway", Does::Gateway),
            ("decider", Does::Decider),
            ("number", Does::Part(Part::Number)),
            ("letter", Does::Part(Part::Letter)),
            ("persister", Does::Persister),
        ];
        let mut processes = Vec::new();
        for ((role, does), count) in all.into_iter().zip(replicas) {
            processes.extend((0..count).map(|n| Process {
                name: format!("{role}-{n}"),
                does,
                stop: CancellationToken::new(),
                task: None,
                calls: None,
            }));
        }
        let count = processes.len();
        let processes = Mutex::new(processes);
        let system = Arc::new(Self { world, disturb, tables, casebook, processes });
        (0..count).for_each(|place| system.begin(place));
        system
    }

    fn processes(&self) -> MutexGuard<'_, Vec<Process>> {
        self.processes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The place and name of one of the processes.
    pub(crate) fn choose(&self, choice: usize) -> (usize, String) {
        let processes = self.processes();
        let place = choice.checked_rem(processes.len()).unwrap_or_default();
        (place, processes.get(place).map(|process| process.name.clone()).unwrap_or_default())
    }

    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.processes().iter().position(|process| process.name == name)
    }

    /// The way to one of the gateways; `None` while it does not run.
    pub(crate) fn gateway(&self, choice: usize) -> Option<mpsc::Sender<Call>> {
        let processes = self.processes();
        let gateways = processes.iter().filter(|process| process.does == Does::Gateway);
        let gateways: Vec<_> = gateways.collect();
        gateways.get(choice.checked_rem(gateways.len())?)?.calls.clone()
    }

    pub(crate) fn gateways(&self) -> usize {
        self.processes().iter().filter(|process| process.does == Does::Gateway).count()
    }

    /// Starts a process, unless it runs.
    pub(crate) fn begin(&self, place: usize) {
        let mut processes = self.processes();
        let Some(process) = processes.get_mut(place).filter(|process| process.task.is_none())
        else {
            return;
        };
        process.stop = CancellationToken::new();
        let running = Running {
            broker: Broker::simulated(&self.disturb, &process.name),
            store: Store::simulated(&self.tables),
            name: process.name.clone(),
            stop: process.stop.clone(),
            casebook: self.casebook.clone(),
        };
        let (sender, calls) = mpsc::channel(64);
        process.calls = (process.does == Does::Gateway).then_some(sender);
        process.task = Some(tokio::spawn(running.run(process.does, calls)));
        drop(processes);
        self.world.note(|| format!("process {place} begins"));
    }

    /// Kills a process; says whether it ran.
    pub(crate) fn kill(&self, place: usize) -> bool {
        let mut processes = self.processes();
        let Some(process) = processes.get_mut(place) else { return false };
        let Some(task) = process.task.take() else { return false };
        task.abort();
        process.calls = None;
        let name = process.name.clone();
        drop(processes);
        self.disturb.cut(&name);
        self.world.note(|| format!("{name} is killed"));
        true
    }

    /// Tells a process to stop, and waits until it has ended, at most so long; then it is killed.
    pub(crate) async fn stop(&self, place: usize, most: Duration) {
        let stopped = self.processes().get_mut(place).and_then(|process| {
            process.stop.cancel();
            process.calls = None;
            process.task.take()
        });
        let Some(mut task) = stopped else { return };
        self.world.note(|| format!("process {place} is told to stop"));
        if tokio::time::timeout(most, &mut task).await.is_err() {
            task.abort();
            let (_, name) = self.choose(place);
            self.disturb.cut(&name);
        }
    }

    /// Whether a process has ended by itself.
    pub(crate) fn has_ended(&self) -> Option<String> {
        let processes = self.processes();
        let ended = |process: &&Process| process.task.as_ref().is_some_and(JoinHandle::is_finished);
        processes.iter().find(ended).map(|process| process.name.clone())
    }
}

/// What a process runs with.
struct Running {
    broker: Broker,
    store: Store,
    name: String,
    stop: CancellationToken,
    casebook: Casebook,
}

impl Running {
    async fn run(self, does: Does, calls: mpsc::Receiver<Call>) {
        let Self { broker, store, name, stop, casebook } = self;
        let (health, replica) = (Health::default(), Replica { instance: &name, clock });
        match does {
            Does::Gateway => {
                gateway::run_inside(calls, &broker, store, config(), &health, &stop).await;
            }
            Does::Decider => {
                let config = decider::Config { casebook, clock, instance: name.clone() };
                decider::run(&broker, config, &health, &stop).await;
            }
            Does::Part(part) => {
                let rng = StdRng::seed_from_u64(chance::within(0..=u64::MAX));
                workers::part(part, &broker, &health, &stop, rng, replica).await;
            }
            Does::Persister => persister::run(&broker, store, &health, &stop, replica).await,
        }
    }
}

fn config() -> gateway::Config {
    gateway::Config {
        batch: 256,
        wait: Duration::from_secs(10),
        drain: Duration::ZERO,
        stream: Duration::from_secs(3_600),
        clock,
        new_id,
        announce: false,
        limits: gateway::Limits::default(),
        operators: gateway::Operators::Local,
        database: String::new(),
        sends: true,
        drills: None,
    }
}
