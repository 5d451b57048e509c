//! Decides what happens to each message and each statement, and remembers what it has seen.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bus::Envelope;
use bus::simulated::{Durable, Message, Plan};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use schemas::topology::{DEAD_LETTERS, PARTS, REPLIES, REQUEST_QUEUE, REQUESTS};
use schemas::{Mission, MissionId};
use store::simulated::{Fate, Outcome};
use tokio::sync::mpsc;

use crate::asks::Asks;
use crate::breach::Breach;
use crate::fault::{Kind, Rate};
use crate::schedule::Schedule;
use crate::time::now;

/// What the simulated servers do.
pub(crate) struct World {
    state: Mutex<State>,
    rates: BTreeMap<Rate, u32>,
    refused: BTreeSet<MissionId>,
    deadly: Vec<String>,
    deaths: mpsc::UnboundedSender<String>,
}

pub(crate) struct State {
    rng: StdRng,
    /// No more faults happen to messages and statements.
    healed: bool,
    /// How many of these faults last.
    lasting: BTreeMap<Kind, usize>,
    /// Processes that end after so many more steps.
    doomed: BTreeMap<String, u32>,
    /// The faults so far.
    pub(crate) injected: BTreeMap<&'static str, u64>,
    /// What broke so far.
    pub(crate) breaches: Vec<Breach>,
    /// What happened, if it is written down.
    pub(crate) trace: Option<String>,
    /// Who was asked for the parts of which missions, and what was replied.
    pub(crate) asks: Asks,
    /// The most deliveries in vain of one request.
    pub(crate) most_earlier: u32,
}

impl World {
    pub(crate) fn new(
        schedule: &Schedule,
        traced: bool,
        deaths: mpsc::UnboundedSender<String>,
    ) -> Self {
        let last = |wanted: fn(&crate::request::Planned) -> bool| {
            let requests = schedule.requests.iter().filter(move |request| wanted(request));
            requests.filter_map(|request| request.ids().last().copied())
        };
        let state = State {
            rng: StdRng::seed_from_u64(schedule.seed ^ 0x5eed),
            healed: false,
            lasting: BTreeMap::new(),
            doomed: BTreeMap::new(),
            injected: BTreeMap::new(),
            breaches: Vec::new(),
            trace: traced.then(String::new),
            asks: Asks::default(),
            most_earlier: 0,
        };
        Self {
            state: Mutex::new(state),
            rates: schedule.rates.iter().copied().collect(),
            refused: last(|request| request.refused).collect(),
            deadly: last(|request| request.deadly).map(|id| id.to_string()).collect(),
            deaths,
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down what happens.
    pub(crate) fn note(&self, what: impl FnOnce() -> String) {
        self.state().note(what);
    }

    /// Something that must hold does not.
    pub(crate) fn breach(&self, invariant: &'static str, what: String) {
        let mut state = self.state();
        state.note(|| format!("BROKEN {invariant}: {what}"));
        state.breaches.push(Breach { invariant, what });
    }

    /// A fault begins or ends.
    pub(crate) fn lasts(&self, kind: Kind, lasts: bool) {
        let mut state = self.state();
        let count = state.lasting.entry(kind).or_default();
        *count = if lasts { *count + 1 } else { count.saturating_sub(1) };
    }

    pub(crate) fn is_lasting(&self, kind: Kind) -> bool {
        self.state().is_lasting(kind)
    }

    pub(crate) fn count(&self, fault: &'static str) {
        *self.state().injected.entry(fault).or_default() += 1;
    }

    /// This process ends after so many more steps.
    pub(crate) fn doom(&self, process: &str, steps: u32) {
        self.state().doomed.insert(process.to_owned(), steps);
    }

    /// From now on nothing happens to messages and statements.
    pub(crate) fn heal(&self) {
        let mut state = self.state();
        state.healed = true;
        state.doomed.clear();
    }

    fn step(&self, state: &mut State, process: &str) {
        let Some(left) = state.doomed.get_mut(process) else { return };
        if let Some(fewer) = left.checked_sub(1) {
            *left = fewer;
            return;
        }
        state.doomed.remove(process);
        *state.injected.entry(Kind::KillAtStep.name()).or_default() += 1;
        let _ = self.deaths.send(process.to_owned());
    }

    fn happens(&self, state: &mut State, rate: Rate) -> bool {
        let Some(often) = self.rates.get(&rate).filter(|_| !state.healed) else { return false };
        let happens = state.rng.random_range(0..1_000) < *often;
        if happens {
            *state.injected.entry(rate.name()).or_default() += 1;
        }
        happens
    }

    fn kills(&self, message: &Message<'_>) -> bool {
        let asks = message.exchange == PARTS.name && message.process.starts_with("decider");
        asks && !self.deadly.is_empty() && {
            let body = String::from_utf8_lossy(message.body);
            self.deadly.iter().any(|id| body.contains(id.as_str()))
        }
    }
}

impl State {
    fn note(&mut self, what: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push_str(&format!("{:>7} {}\n", now().as_millis(), what()));
        }
    }

    fn is_lasting(&self, kind: Kind) -> bool {
        self.lasting.get(&kind).is_some_and(|lasting| *lasting > 0)
    }

    fn short(&mut self) -> Duration {
        Duration::from_millis(self.rng.random_range(1..=3))
    }
}

fn named(envelope: &Envelope) -> &str {
    envelope.message_id.as_deref().or(envelope.correlation_id.as_deref()).unwrap_or("-")
}

impl Plan for World {
    fn transient(&self, message: Message<'_>) -> Vec<Duration> {
        let mut state = self.state();
        if message.exchange == PARTS.name {
            state.asks.asked(message.envelope, message.body);
        } else if message.exchange == REPLIES.name {
            state.asks.replied(message.key, message.envelope, message.body);
        } else if message.exchange.is_empty() && message.key.starts_with("mission.") {
            let what = format!("{} answers into {}", message.process, message.key);
            state.breaches.push(Breach { invariant: "I15 authority", what });
        }
        let mut copies = vec![Duration::ZERO];
        if self.happens(&mut state, Rate::Lose) {
            copies.clear();
        } else if self.happens(&mut state, Rate::Double) {
            copies.push(Duration::from_millis(state.rng.random_range(0..2_000)));
        } else if self.happens(&mut state, Rate::Delay) {
            copies = vec![Duration::from_millis(state.rng.random_range(1..3_000))];
        }
        state.note(|| {
            let Message { process, exchange, key, envelope, .. } = message;
            format!("{process} sends {} to {exchange} {key} {copies:?}", named(envelope))
        });
        if self.kills(&message) {
            let _ = self.deaths.send(message.process.to_owned());
        }
        self.step(&mut state, message.process);
        copies
    }

    fn durable(&self, message: Message<'_>) -> Durable {
        let mut state = self.state();
        let full = match message.exchange {
            exchange if exchange == REQUESTS.name => state.is_lasting(Kind::RequestsFull),
            exchange if exchange == DEAD_LETTERS.name => state.is_lasting(Kind::DeadLettersFull),
            _ => false,
        };
        let fate = if full {
            Durable::Refused
        } else if self.happens(&mut state, Rate::LosePublish) {
            Durable::Lost
        } else if self.happens(&mut state, Rate::LoseConfirm) {
            Durable::Unconfirmed
        } else {
            Durable::Stored
        };
        state.note(|| {
            let Message { process, exchange, envelope, .. } = message;
            format!("{process} publishes {} to {exchange}: {fate:?}", named(envelope))
        });
        self.step(&mut state, message.process);
        fate
    }

    fn latency(&self) -> Duration {
        self.state().short()
    }

    fn delivered(&self, process: &str, queue: &str, envelope: &Envelope, earlier: u32) {
        let mut state = self.state();
        if queue == REQUEST_QUEUE.name {
            state.most_earlier = state.most_earlier.max(earlier);
        }
        state.note(|| format!("{process} takes {} from {queue} ({earlier})", named(envelope)));
        self.step(&mut state, process);
    }

    fn settled(&self, process: &str, queue: &str, acknowledged: bool) {
        let mut state = self.state();
        state.note(|| format!("{process} settles in {queue}: {acknowledged}"));
        self.step(&mut state, process);
    }
}

impl store::simulated::Plan for World {
    fn statement(&self, writes: bool) -> Fate {
        let mut state = self.state();
        let (mut before, after) = (state.short(), state.short());
        if self.happens(&mut state, Rate::SlowStatement) {
            before = Duration::from_millis(state.rng.random_range(100..2_500));
        }
        let outcome = if state.is_lasting(Kind::DatabaseAway) {
            Outcome::Away
        } else if writes && self.happens(&mut state, Rate::Deadlock) {
            Outcome::Deadlock
        } else if self.happens(&mut state, Rate::LoseStatement) {
            Outcome::Broken
        } else if self.happens(&mut state, Rate::LoseCommit) {
            Outcome::Unanswered
        } else {
            Outcome::Done
        };
        state.note(|| format!("statement, writes {writes}: {outcome:?}"));
        Fate { before, after, outcome }
    }

    fn refuses(&self, id: MissionId) -> bool {
        self.refused.contains(&id)
    }

    fn committed(&self, missions: &[Mission]) {
        self.note(|| {
            let ids: Vec<_> = missions.iter().map(|mission| mission.id.to_string()).collect();
            format!("committed {}", ids.join(" "))
        });
    }
}
