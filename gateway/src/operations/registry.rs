//! The latest status of every process, bounded.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use schemas::operations::{Replica, ReplicaState, RoleState};
use schemas::{Quantiles, Role, Session, Status};
use tokio::time::Instant;

/// The most processes that are remembered; more of them push out those that were heard the longest
/// time ago.
const MOST: usize = 1_024;
/// A process that was silent for so long is gone.
const GONE: Duration = Duration::from_secs(Status::GONE);
/// How long one that has left is still shown,
const LEFT: Duration = Duration::from_secs(60);
/// and one that is gone.
const FORGOTTEN: Duration = Duration::from_secs(600);
/// How many rates are kept: those of a minute.
const HISTORY: usize = 30;

/// The latest status of every process.
#[derive(Default)]
pub(super) struct Registry {
    seen: HashMap<String, Seen>,
    histories: HashMap<Role, VecDeque<f64>>,
}

/// A process.
struct Seen {
    status: Status,
    /// When it was heard for the first time,
    first: Instant,
    /// and the last time.
    heard: Instant,
    rate: Option<f64>,
}

impl Registry {
    /// Takes a status.
    pub(super) fn hear(&mut self, status: Status, now: Instant) {
        let before = self.seen.get(&status.instance);
        let rate = before.map(|before| before.rate(&status, now));
        let first = before.map_or(now, |before| before.first);
        if before.is_none() && self.seen.len() >= MOST {
            let oldest = self.seen.iter().min_by_key(|(_, seen)| seen.heard);
            if let Some(oldest) = oldest.map(|(name, _)| name.clone()) {
                self.seen.remove(&oldest);
            }
        }
        let seen = Seen { rate: rate.flatten(), status, first, heard: now };
        self.seen.insert(seen.status.instance.clone(), seen);
    }

    /// Forgets those that ended some time ago, and notes the rates of now. To be called every two
    /// seconds.
    pub(super) fn tick(&mut self, now: Instant) {
        self.seen.retain(|_, seen| {
            let most = if seen.status.session == Session::Left { LEFT } else { FORGOTTEN };
            now.saturating_duration_since(seen.heard) < most
        });
        for role in Role::ALL {
            let rates =
                self.of(role).filter(|seen| seen.is_heard(now)).filter_map(|seen| seen.rate);
            let rate = rates.fold(0.0, |sum, rate| sum + rate); // the sum of nothing would be -0
            let history = self.histories.entry(role).or_default();
            if history.len() >= HISTORY {
                history.pop_front();
            }
            history.push_back(rate);
        }
    }

    /// How many of these are gone without a successor: one that was first heard after them.
    fn missing(&self, replicas: &[Replica]) -> u64 {
        let in_state = |state: fn(ReplicaState) -> bool| {
            let chosen = replicas.iter().filter(move |replica| state(replica.state));
            chosen.filter_map(|replica| self.seen.get(&replica.instance))
        };
        let mut lost: Vec<_> =
            in_state(|state| state == ReplicaState::Gone).map(|seen| seen.heard).collect();
        let mut begun: Vec<_> = in_state(ReplicaState::is_present).map(|seen| seen.first).collect();
        lost.sort();
        begun.sort();
        let mut begun = begun.into_iter();
        let replaced = lost.iter().filter(|lost| begun.any(|first| first > **lost)).count();
        (lost.len() - replaced) as u64
    }

    fn of(&self, role: Role) -> impl Iterator<Item = &Seen> {
        self.seen.values().filter(move |seen| seen.status.role == role)
    }

    /// How many missions the processes of this role work on.
    pub(super) fn in_flight(&self, role: Role, now: Instant) -> u64 {
        let heard = self.of(role).filter(|seen| seen.is_heard(now));
        heard.filter_map(|seen| seen.status.gauges.get(Status::IN_FLIGHT)).sum()
    }

    /// Every role; `listening` is since when this gateway hears all processes, if it does. While it
    /// does not, nobody is taken for gone.
    pub(super) fn roles(&self, listening: Option<Instant>, now: Instant) -> Vec<RoleState> {
        Role::ALL.map(|role| self.role(role, listening, now)).into()
    }

    fn role(&self, role: Role, listening: Option<Instant>, now: Instant) -> RoleState {
        let mut replicas: Vec<_> = self.of(role).map(|seen| seen.replica(listening, now)).collect();
        replicas.sort_by(|a, b| (a.since, &a.instance).cmp(&(b.since, &b.instance)));
        let heard = || self.of(role).filter(|seen| seen.is_heard(now));
        let rates: Vec<f64> = heard().filter_map(|seen| seen.rate).collect();
        RoleState {
            role,
            rate: (!rates.is_empty()).then(|| rates.iter().sum()),
            latency: together(heard().filter_map(|seen| seen.status.latency).collect()),
            batch: together(heard().filter_map(|seen| seen.status.batch).collect()),
            history: self.histories.get(&role).into_iter().flatten().copied().collect(),
            missing: self.missing(&replicas),
            replicas,
        }
    }
}

impl Seen {
    fn is_heard(&self, now: Instant) -> bool {
        self.status.session != Session::Left && now.saturating_duration_since(self.heard) < GONE
    }

    /// Missions in a second between the last status and this one.
    fn rate(&self, next: &Status, now: Instant) -> Option<f64> {
        let count = |status: &Status| status.counters.get(Status::MISSIONS).copied();
        let more = count(next)?.checked_sub(count(&self.status)?)?;
        let seconds = now.saturating_duration_since(self.heard).as_secs_f64();
        if seconds < 0.5 {
            return self.rate; // too short to tell
        }
        #[expect(clippy::cast_precision_loss, reason = "no such count is that large")]
        let more = more as f64;
        Some(more / seconds)
    }

    fn replica(&self, listening: Option<Instant>, now: Instant) -> Replica {
        let since_then = |then| now.saturating_duration_since(then);
        let silent = since_then(self.heard);
        let is_gone = listening.is_some_and(|since| since_then(since.max(self.heard)) >= GONE);
        let state = match self.status.session {
            Session::Left => ReplicaState::Left,
            _ if is_gone => ReplicaState::Gone,
            Session::Up => ReplicaState::Up,
            Session::Degraded => ReplicaState::Degraded,
            Session::Waiting => ReplicaState::Waiting,
            Session::Stopping => ReplicaState::Stopping,
        };
        Replica {
            instance: self.status.instance.clone(),
            version: self.status.version.clone(),
            since: self.status.since,
            state,
            why: self.status.why.clone(),
            silent: silent.as_secs(),
            rate: self.rate.filter(|_| state.is_present()),
        }
    }
}

/// The middle of the middles, and the greatest of the others.
fn together(mut all: Vec<Quantiles>) -> Option<Quantiles> {
    all.sort_by_key(|one| one.p50);
    let p50 = all.get(all.len() / 2)?.p50;
    let p99 = all.iter().map(|one| one.p99).max()?;
    Some(Quantiles { p50, p99 })
}

#[cfg(test)]
mod tests {
    use schemas::CreatedAt;

    use super::*;

    fn status(role: Role, instance: &str) -> Status {
        let since = CreatedAt::from_micros(0).unwrap();
        Status { session: Session::Up, ..Status::new(role, instance, since) }
    }

    fn states(registry: &Registry, role: Role, began: Instant, now: Instant) -> Vec<ReplicaState> {
        let all = registry.roles(Some(began), now);
        let of = all.iter().find(|state| state.role == role).unwrap();
        of.replicas.iter().map(|replica| replica.state).collect()
    }

    #[test]
    fn a_silent_process_is_gone_after_ten_seconds_and_one_that_left_has_left() {
        let (began, mut registry) = (Instant::now(), Registry::default());
        registry.hear(status(Role::Decider, "silent"), began);
        let left = Status { session: Session::Left, ..status(Role::Persister, "left") };
        registry.hear(left, began);
        let after = |seconds| began + Duration::from_secs(seconds);
        let decider = |now| states(&registry, Role::Decider, began, now);
        assert_eq!(decider(after(9)), [ReplicaState::Up]);
        assert_eq!(decider(after(10)), [ReplicaState::Gone]);
        assert_eq!(states(&registry, Role::Persister, began, after(1)), [ReplicaState::Left]);
        registry.tick(after(61));
        assert_eq!(states(&registry, Role::Persister, began, after(61)), []);
        registry.tick(after(601));
        assert_eq!(registry.seen.len(), 0);
    }

    #[test]
    fn nobody_is_gone_while_the_gateway_itself_cannot_hear() {
        let (began, mut registry) = (Instant::now(), Registry::default());
        registry.hear(status(Role::Decider, "far"), began);
        let later = began + Duration::from_secs(60);
        let state = |listening| registry.roles(listening, later)[1].replicas[0].state;
        assert_eq!(state(None), ReplicaState::Up);
        assert_eq!(state(Some(later)), ReplicaState::Up, "it hears again since a moment");
        assert_eq!(state(Some(began)), ReplicaState::Gone);
    }

    #[test]
    fn more_processes_than_are_remembered_push_out_the_oldest() {
        let (began, mut registry) = (Instant::now(), Registry::default());
        for n in 0..=MOST as u64 {
            let name = format!("decider.{n}");
            registry.hear(status(Role::Decider, &name), began + Duration::from_millis(n));
        }
        assert_eq!(registry.seen.len(), MOST);
        assert!(!registry.seen.contains_key("decider.0"));
    }

    #[test]
    fn a_process_that_is_gone_is_missing_until_another_one_takes_its_place() {
        let (began, mut registry) = (Instant::now(), Registry::default());
        let after = |seconds| began + Duration::from_secs(seconds);
        let missing = |registry: &Registry, now| registry.roles(Some(began), now)[1].missing;
        for name in ["one", "two", "three"] {
            registry.hear(status(Role::Decider, name), began);
        }
        registry.hear(status(Role::Decider, "three"), after(19));
        assert_eq!(missing(&registry, after(19)), 2);
        registry.hear(status(Role::Decider, "four"), after(19));
        assert_eq!(missing(&registry, after(19)), 1);
        registry.hear(status(Role::Decider, "two"), after(20));
        assert_eq!(missing(&registry, after(20)), 0);
    }

    #[test]
    fn the_rate_is_the_growth_of_the_counter_and_a_restart_has_none() {
        let (began, mut registry) = (Instant::now(), Registry::default());
        let counted = |count: u64| {
            let mut status = status(Role::Decider, "one");
            status.counters.insert(Status::MISSIONS.to_owned(), count);
            status
        };
        let rate = |registry: &Registry, now| registry.roles(Some(began), now)[1].rate;
        registry.hear(counted(100), began);
        assert_eq!(rate(&registry, began), None);
        let (then, later) = (began + Duration::from_secs(2), began + Duration::from_secs(4));
        registry.hear(counted(300), then);
        assert_eq!(rate(&registry, then), Some(100.0));
        registry.hear(counted(7), later);
        assert_eq!(rate(&registry, later), None);
    }
    #[test]
    fn the_rate_of_a_role_of_which_nobody_is_there_is_zero_and_not_minus_zero() {
        let (now, mut registry) = (Instant::now(), Registry::default());
        registry.tick(now);
        let history = &registry.roles(Some(now), now)[1].history;
        assert_eq!(serde_json::to_string(history).unwrap(), "[0.0]");
    }
}
