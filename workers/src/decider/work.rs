//! The way of a mission.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bus::{Copied, CopyTo, Envelope, Fault, Reply, Requester, failpoint};
use schemas::{Casebook, Decisions, MessageType, MissionId, Request, Role, Stamps, topology};
use seams::{Mutant, planted};
use telemetry::Step;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, timeout};

use super::config::Config;
use super::gather::{Parts, StoredAnswer};
use super::groups::{Groups, LATE, Told, Turn};
use super::notices::{Notices, Topic};
use super::outcome::{Failed, Stored};
use super::silence;
use super::stamping::{Arrival, Stamping};
use super::tries::Tries;

/// Missions in flight in one decider.
const IN_FLIGHT: usize = 4_096;

/// What it takes to make missions.
pub(super) struct Work {
    casebook: Casebook,
    stamping: Stamping,
    requester: Requester,
    capacity: Semaphore,
    groups: Groups,
    parts: silence::Step,
    persister: silence::Step,
    silent_steps: watch::Receiver<usize>,
}

impl Work {
    pub(super) fn new(config: &Config, requester: Requester, notices: &Arc<Notices>) -> Self {
        let (casebook, stamping) = (config.casebook.clone(), Stamping::new(config));
        let silent = watch::Sender::new(0);
        let silent_steps = silent.subscribe();
        let step = |topic| silence::Step::new(topic, Arc::clone(notices), silent.clone());
        let (parts, persister) = (step(Topic::Parts), step(Topic::Persister));
        let (capacity, groups) = (Semaphore::new(IN_FLIGHT), Groups::new());
        Self { casebook, stamping, requester, capacity, groups, parts, persister, silent_steps }
    }

    /// How many steps of the work nobody answers.
    pub(super) fn silent_steps(&self) -> watch::Receiver<usize> {
        self.silent_steps.clone()
    }

    /// Has the missions of a request made: together with those of other requests if it is for one
    /// mission, for the first time, and for a caller who gets its reply from this decider.
    pub(super) async fn request(
        &self,
        request: &Request,
        envelope: Envelope,
        arrival: Arrival,
        copy_to: Option<CopyTo>,
        tries: &Tries,
    ) -> Result<Result<Stored, Failed>, Fault> {
        let is_first = arrival.earlier == 0 && tries.count() == 0;
        match request.missions.as_slice() {
            // Boxed: only these need the room, and the task of each request would have it.
            [id] if is_first && copy_to.is_none() => {
                Box::pin(self.together(*id, request, envelope, arrival, tries)).await
            }
            _ => self.missions(request, envelope, arrival, copy_to, tries).await,
        }
    }

    /// Works on a request with those that gather meanwhile, and alone if that fails.
    async fn together(
        &self,
        id: MissionId,
        request: &Request,
        envelope: Envelope,
        arrival: Arrival,
        tries: &Tries,
    ) -> Result<Result<Stored, Failed>, Fault> {
        let told = match self.groups.join(id, &envelope).await {
            Turn::Told(told) => told,
            Turn::Alone(_turn) => {
                return self.missions(request, envelope, arrival, None, tries).await;
            }
            Turn::Leads(group) => {
                let (about, returns) = (group.envelope(), Tries::of_group());
                let working = self.missions(&group.request, about, arrival, None, &returns);
                match timeout(LATE, working).await {
                    Ok(outcome) => group.tell(outcome?, returns.count() > 0).await,
                    Err(_late) => {
                        self.groups.pause();
                        Told::Alone { returned: false } // so are the others when the group is dropped
                    }
                }
            }
        };
        match told {
            Told::Stored(stored) => Ok(Ok(stored)),
            Told::Alone { returned } => match returned.then(|| tries.returned()).flatten() {
                Some(problem) => Ok(Err(problem.into())),
                None => self.missions(request, envelope, arrival, None, tries).await,
            },
        }
    }

    /// The way of a mission: parts, decision, row. The result is the reply: the missions as stored,
    /// or why one of them cannot be stored.
    async fn missions(
        &self,
        request: &Request,
        envelope: Envelope,
        arrival: Arrival,
        copy_to: Option<CopyTo>,
        tries: &Tries,
    ) -> Result<Result<Stored, Failed>, Fault> {
        let ids = request.missions.as_slice();
        let weight = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        let _in_flight = self.capacity.acquire_many(weight).await; // never closed
        let metrics = telemetry::of(Role::Decider);
        let (_held, begun) = (metrics.in_flight.hold(ids.len()), Instant::now());
        failpoint::reach("decider.before-parts", ids.iter().copied());
        failpoint::slow(Role::Decider, ids.len()).await;

        let asked = self.stamping.now();
        let parts = Mutex::new(Parts::of(ids.len(), asked, self.requester.dropped()));
        let question = crate::json(request);
        let take = |reply: Reply| match reply.kind {
            MessageType::Returned => tries.returned().map(Err),
            _ => lock(&parts).take(reply).map(Ok),
        };
        let mut about = Envelope { tries: tries.count(), ..envelope };
        let asking = self.requester.ask(topology::PARTS, &about, None, &question, take);
        let mut drawn = match self.parts.answers(|| lock(&parts).missing(), asking).await? {
            Ok(drawn) => drawn,
            Err(problem) => return Ok(Err(Failed { problem, stamps: stamps_of(parts) })),
        };
        if planted(Mutant::PartsInOtherOrder) {
            drawn.reverse();
        }
        metrics.steps.of(Step::Parts).record(begun.elapsed());
        failpoint::reach("decider.after-parts", ids.iter().copied());

        let decide = |(id, parts): (&_, _)| self.casebook.decide(*id, parts);
        let decided = Decisions { missions: ids.iter().zip(&drawn).map(decide).collect() };

        let asked = self.stamping.now();
        let stored = StoredAnswer::of(ids, asked, self.requester.dropped());
        let decisions = crate::json(&decided);
        let take = |reply: Reply| match reply.kind {
            MessageType::Returned => tries.returned().map(|problem| Err(problem.into())),
            _ => stored.take(reply),
        };
        about.tries = tries.count();
        let copy = copy_to.map(|to| {
            let mut stamps = Stamps::from(self.stamping.stamp(arrival, asked));
            stamps.extend(lock(&parts).stamps().clone());
            Copied { to, stamps }
        });
        let asking = self.requester.ask(topology::DECISIONS, &about, copy, &decisions, take);
        let begun = Instant::now();
        let stored = self.persister.answers(|| Role::Persister.name().to_owned(), asking).await?;
        metrics.steps.of(Step::Store).record(begun.elapsed());
        let after = |last| {
            let mut stamps = stamps_of(parts);
            stamps.extend(last);
            stamps
        };
        Ok(match stored {
            Ok(stored) if stored.told => Ok(stored), // the caller has the stamps, too
            Ok(stored) => Ok(Stored { stamps: after(stored.stamps), ..stored }),
            Err(Failed { problem, stamps }) => Err(Failed { problem, stamps: after(stamps) }),
        })
    }
}

/// Who has drawn these parts.
fn stamps_of(parts: Mutex<Parts<'_>>) -> Stamps {
    parts.into_inner().unwrap_or_else(PoisonError::into_inner).into_stamps()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
