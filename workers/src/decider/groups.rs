//! Requests for one mission each, as callers over AMQP send them, gather and are worked on together:
//! one question to the workers and one to the persister for all of them.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bus::Envelope;
use schemas::{MissionId, MissionIds, Missions, Request};
use tokio::sync::{Semaphore, SemaphorePermit, oneshot};
use tokio::time::{Instant, timeout};

use super::outcome::{Failed, Stored};

/// Groups that are worked on at a time. While so many are, further requests gather; a request that
/// comes alone does not wait.
const AT_A_TIME: usize = 2;
/// The longest time that a request gathers: a group that waits for a slow replica holds up the
/// others no longer.
const GATHER: Duration = Duration::from_millis(20);

/// A group that takes longer is given up, and its requests go on one by one: a replica that hangs
/// would otherwise have as many requests as it has questions, times the size of a group.
pub(super) const LATE: Duration = Duration::from_millis(500);
/// For so long after that nobody gathers.
const PAUSE: Duration = Duration::from_secs(10);

/// The requests that gather. Each is held by its own task, so there are no more than a decider takes
/// at a time.
pub(super) struct Groups {
    gathering: Mutex<Gathering>,
    turns: Semaphore,
}

#[derive(Default)]
struct Gathering {
    members: Vec<Member>,
    /// Counts the groups that have left, so that a request knows whether its own has.
    left: u64,
    /// Until then nobody gathers.
    paused_until: Option<Instant>,
}

/// One request of a group.
struct Member {
    id: MissionId,
    envelope: Envelope,
    sender: oneshot::Sender<Told>,
}

/// What a member is told of its group.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Its mission is stored.
    Stored(Stored),
    /// The request has to be worked on alone. `returned`: a process that had the question of the group
    /// did not answer it.
    Alone { returned: bool },
}

/// What a request does when it has gathered.
pub(super) enum Turn<'a> {
    /// Nobody else gathers with it. It keeps this while it is worked on.
    Alone(Place<'a>),
    /// It works on this group.
    Leads(Group<'a>),
    /// Another request has worked on its group.
    Told(Told),
}

/// A place among those that are worked on at a time. Who has gathered for too long has none.
pub(super) type Place<'a> = Option<SemaphorePermit<'a>>;

/// Requests that are worked on together. They are told to go on alone if it is dropped.
pub(super) struct Group<'a> {
    /// For all their missions.
    pub(super) request: Request,
    members: Vec<Member>,
    /// What the one that leads is told.
    told: oneshot::Receiver<Told>,
    _turn: Place<'a>,
}

impl Groups {
    pub(super) fn new() -> Self {
        Self { gathering: Mutex::default(), turns: Semaphore::new(AT_A_TIME) }
    }

    /// Gathers with others until it is this request's turn, or another one's of the same group.
    pub(super) async fn join(&self, id: MissionId, envelope: &Envelope) -> Turn<'_> {
        let (sender, mut told) = oneshot::channel();
        let left = {
            let mut gathering = self.gathering();
            if gathering.paused_until.is_some_and(|until| Instant::now() < until) {
                return Turn::Alone(None);
            }
            gathering.members.push(Member { id, envelope: envelope.clone(), sender });
            gathering.left
        };
        let turn = tokio::select! {
            biased;
            told = &mut told => return Turn::told(told),
            turn = timeout(GATHER, self.turns.acquire()) => turn,
        };
        let turn = turn.ok().and_then(Result::ok);
        match self.leave(left).map(distinct) {
            None => Turn::told(told.await),
            Some((missions, members)) => match MissionIds::try_from(missions) {
                Ok(missions) if missions.len() > 1 => {
                    Turn::Leads(Group { request: Request { missions }, members, told, _turn: turn })
                }
                _ => Turn::Alone(turn),
            },
        }
    }

    /// A group was late: nobody gathers for a while.
    pub(super) fn pause(&self) {
        self.gathering().paused_until = Some(Instant::now() + PAUSE);
    }

    /// The requests that gather, unless their group has left.
    fn leave(&self, left: u64) -> Option<Vec<Member>> {
        let mut gathering = self.gathering();
        (gathering.left == left).then(|| {
            gathering.left += 1;
            std::mem::take(&mut gathering.members)
        })
    }

    fn gathering(&self) -> MutexGuard<'_, Gathering> {
        self.gathering.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn<'_> {
    /// Without a word: the request that led has been handed back.
    fn told(told: Result<Told, oneshot::error::RecvError>) -> Self {
        Self::Told(told.unwrap_or(Told::Alone { returned: false }))
    }
}

/// An id is in a group once. Whoever else requests it is told to go on alone, and so is whoever is too
/// many for one message.
fn distinct(mut members: Vec<Member>) -> (Vec<MissionId>, Vec<Member>) {
    let mut ids = HashSet::new();
    members.retain(|member| ids.len() < MissionIds::MAX && ids.insert(member.id));
    (members.iter().map(|member| member.id).collect(), members)
}

impl Group<'_> {
    /// The properties of its questions: those of its first request. The traces of the others are links.
    pub(super) fn envelope(&self) -> Envelope {
        let mut members = self.members.iter().map(|member| &member.envelope);
        let mut first = members.next().cloned().unwrap_or_default();
        let linked = first.links.iter().flat_map(|links| traces::linked(links));
        first.links = traces::links(linked.chain(members.filter_map(Envelope::context)));
        first
    }

    /// Tells every member what became of its mission, and gives what the one that leads is told.
    pub(super) async fn tell(self, outcome: Result<Stored, Failed>, returned: bool) -> Told {
        let each = outcome.ok().and_then(|stored| each(&stored));
        let each = each.filter(|each| each.len() == self.members.len()).unwrap_or_default();
        let told = each.into_iter().map(Told::Stored);
        let alone = std::iter::repeat_with(|| Told::Alone { returned });
        for (member, told) in self.members.into_iter().zip(told.chain(alone)) {
            let _ = member.sender.send(told); // its request may have been handed back
        }
        self.told.await.unwrap_or(Told::Alone { returned })
    }
}

/// What is stored, for each mission alone. `None`: it cannot be read.
fn each(stored: &Stored) -> Option<Vec<Stored>> {
    let Missions { missions } = serde_json::from_slice(&stored.body).ok()?;
    let alone = |mission| Stored {
        body: crate::json(&Missions { missions: vec![mission] }).into(),
        stamps: stored.stamps.clone(),
        told: stored.told,
    };
    Some(missions.into_iter().map(alone).collect())
}

#[cfg(test)]
mod tests {
    use schemas::{Mission, Problem, ProblemKind, Stamps};

    use super::*;

    fn id(n: u128) -> MissionId {
        uuid::Uuid::from_u128(n).into()
    }

    /// Joins while two requests are worked on alone, so that all others gather.
    async fn gathered<T>(
        ids: impl IntoIterator<Item = u128>,
        next: impl AsyncFn(Turn<'_>) -> T,
    ) -> Vec<T> {
        let groups = Groups::new();
        let join = async |n| groups.join(id(n), &Envelope::default()).await;
        let first = [join(1_000).await, join(1_001).await];
        assert!(first.iter().all(|turn| matches!(turn, Turn::Alone(Some(_)))));
        let joining = ids.into_iter().map(async |n| next(join(n).await).await);
        futures_util::future::join_all(joining).await
    }

    async fn store(turn: Turn<'_>) -> Told {
        match turn {
            Turn::Alone(_) => panic!("the others are in no group"),
            Turn::Told(told) => told,
            Turn::Leads(group) => {
                let ids = group.request.missions.as_slice().iter();
                let missions = ids.map(|id| Mission { id: *id, ..Mission::example() }).collect();
                let body = crate::json(&Missions { missions }).into();
                let stored = Stored { body, stamps: Stamps::default(), told: false };
                group.tell(Ok(stored), false).await
            }
        }
    }

    /// The id of the only mission in what a request is told.
    fn its_own(told: &Told) -> Option<MissionId> {
        let Told::Stored(stored) = told else { return None };
        let Missions { missions } = serde_json::from_slice(&stored.body).unwrap();
        let [mission] = missions.try_into().unwrap();
        Some(mission.id)
    }

    #[tokio::test(start_paused = true)]
    async fn requests_that_gather_are_one_group_and_each_gets_its_own_mission() {
        let told = gathered(0..64, store).await;
        assert!(told.iter().map(its_own).eq((0..64).map(|n| Some(id(n)))));
    }

    #[tokio::test(start_paused = true)]
    async fn an_id_that_is_requested_twice_is_worked_on_alone_the_second_time() {
        let told = gathered([7, 8, 7], store).await;
        assert_eq!(told.iter().map(its_own).collect::<Vec<_>>(), [Some(id(7)), Some(id(8)), None]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_group_that_was_returned_goes_on_one_by_one() {
        let fail = async |turn: Turn<'_>| match turn {
            Turn::Leads(group) => {
                let problem = Problem::new(ProblemKind::SetAside, "returned");
                group.tell(Err(problem.into()), true).await
            }
            other => store(other).await,
        };
        let told = gathered([3, 4], fail).await;
        assert_eq!(told, [Told::Alone { returned: true }, Told::Alone { returned: true }]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_group_whose_leader_is_handed_back_goes_on_one_by_one() {
        let hand_back = async |turn: Turn<'_>| match turn {
            Turn::Leads(group) => {
                drop(group);
                None
            }
            other => Some(store(other).await),
        };
        let told = gathered([3, 4], hand_back).await;
        assert_eq!(told, [None, Some(Told::Alone { returned: false })]);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_gathers_for_a_while_after_a_late_group() {
        let groups = Groups::new();
        let join = async |n| groups.join(id(n), &Envelope::default()).await;
        groups.pause();
        assert!(matches!(join(3).await, Turn::Alone(None)));
        tokio::time::advance(PAUSE).await;
        assert!(matches!(join(4).await, Turn::Alone(Some(_))));
    }
}
