//! Drills: faults that an operator makes on purpose. Only a broker in this process has them.

use std::collections::BTreeMap;
use std::time::Duration;

use schemas::drills::Drill;
use schemas::topology::{DECISION_QUEUE, REPLIES, REQUESTS};
use schemas::{MessageType, Role};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::Envelope;

/// Which drills last. Cheap to clone; all clones share the state.
#[derive(Debug, Clone)]
pub struct Drills(watch::Sender<State>);

#[derive(Debug, Default)]
struct State {
    /// When each drill that has begun ends.
    until: BTreeMap<Drill, Instant>,
    /// How many workers of each role were killed.
    killed: BTreeMap<Role, u64>,
    /// How many were killed in all.
    kills: usize,
}

impl State {
    fn lasts(&self, drill: Drill) -> Option<Instant> {
        self.until.get(&drill).copied().filter(|until| *until > Instant::now())
    }
}

impl Default for Drills {
    fn default() -> Self {
        Self(watch::Sender::new(State::default()))
    }
}

impl Drills {
    /// Begins a drill. One that lasts goes on as it is, so that each ends in time.
    pub fn begin(&self, drill: Drill) {
        self.0.send_if_modified(|state| {
            let begins = state.lasts(drill).is_none();
            if begins {
                state.until.insert(drill, Instant::now() + drill.lasts());
                if drill == Drill::KillWorker {
                    kill(state);
                }
            }
            begins
        });
    }

    /// Ends every drill.
    pub fn end(&self) {
        self.0.send_modify(|state| state.until.clear());
    }

    /// For how long this drill still lasts; `None` if it does not.
    pub fn left(&self, drill: Drill) -> Option<Duration> {
        self.0.borrow().lasts(drill).map(|until| until.saturating_duration_since(Instant::now()))
    }

    /// Waits until this drill does not last. Cancel safe.
    pub async fn over(&self, drill: Drill) {
        let mut state = self.0.subscribe();
        loop {
            let Some(until) = state.borrow_and_update().lasts(drill) else { return };
            tokio::select! {
                () = sleep_until(until) => {}
                _ = state.changed() => {} // the sender is ours
            }
        }
    }

    /// Runs a worker of this role to its end, or until a drill kills it: then it is dropped in the
    /// middle of its work. Returns whether it was killed.
    pub async fn kills(&self, role: Role, worker: impl Future<Output = ()>) -> bool {
        let of_role = move |state: &State| state.killed.get(&role).copied().unwrap_or_default();
        let before = of_role(&self.0.borrow());
        let mut state = self.0.subscribe();
        tokio::select! {
            () = worker => false,
            _ = state.wait_for(|state| of_role(state) > before) => true,
        }
    }

    /// How many times a message is delivered.
    pub(crate) fn copies(&self, exchange: &str, envelope: &Envelope) -> usize {
        let is_part = matches!(envelope.kind, Some(MessageType::Part(_)));
        if exchange == REQUESTS.name && self.happens(Drill::RepeatRequest) {
            2
        } else if exchange == REPLIES.name && is_part && self.happens(Drill::LosePart) {
            0
        } else {
            1
        }
    }

    /// The drill that keeps consumers of this queue from taking anything.
    pub(crate) fn that_pauses(queue: &str) -> Option<Drill> {
        (queue == DECISION_QUEUE.name).then_some(Drill::PausePersister)
    }

    /// Whether a drill that happens once happens now. It has ended then.
    fn happens(&self, drill: Drill) -> bool {
        self.0.send_if_modified(|state| {
            let lasts = state.lasts(drill).is_some();
            if lasts {
                state.until.remove(&drill);
            }
            lasts
        })
    }
}

/// Kills a worker of the next role.
fn kill(state: &mut State) {
    let workers = Role::all_but(&[Role::Gateway]);
    if let Some(role) = workers.get(state.kills % workers.len()) {
        *state.killed.entry(*role).or_default() += 1;
        state.kills += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn every_drill_ends_by_itself_though_it_is_begun_again_and_again() {
        for drill in Drill::ALL {
            let drills = Drills::default();
            let begun = Instant::now();
            drills.begin(*drill);
            let again = async {
                loop {
                    tokio::time::sleep(Duration::from_secs(7)).await;
                    if drills.left(*drill).is_none() {
                        std::future::pending::<()>().await;
                    }
                    drills.begin(*drill);
                }
            };
            tokio::select! {
                () = drills.over(*drill) => {}
                () = again => {}
            }
            assert_eq!(begun.elapsed().as_secs(), drill.lasts().as_secs(), "{drill:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_end_ends_all_of_them() {
        let drills = Drills::default();
        Drill::ALL.iter().for_each(|drill| drills.begin(*drill));
        drills.end();
        for drill in Drill::ALL {
            assert_eq!(drills.left(*drill), None, "{drill:?}");
            drills.over(*drill).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn each_kill_drops_a_worker_of_another_role() {
        let (drills, workers) = (Drills::default(), Role::all_but(&[Role::Gateway]));
        for role in &workers {
            let others = workers.iter().filter(|other| *other != role);
            let others = others.map(|other| drills.kills(*other, std::future::pending()));
            let mut others = futures_util::stream::FuturesUnordered::from_iter(others);
            let killed = drills.kills(*role, std::future::pending());
            let killing = async {
                drills.begin(Drill::KillWorker);
                std::future::pending::<()>().await;
            };
            tokio::select! {
                biased; // all workers run before the drill begins
                killed = killed => assert!(killed),
                _ = futures_util::StreamExt::next(&mut others) => panic!("not {role:?}"),
                () = killing => {}
            }
            drills.over(Drill::KillWorker).await;
        }
    }
}
