//! Publishing a letter's request again.
//!
//! The intent is recorded, the request is published and confirmed, the outcome is recorded. If the
//! process dies between, the intent stays open, and whoever replays the letter next takes it over
//! under the same id. Two operators who replay one letter at once make one intent.

use std::time::Duration;

use bus::{Confirmed, ConfirmedPublisher, Envelope, failpoint};
use schemas::dead_letter::{Step, Who};
use schemas::topology::{NAMESPACE, REQUESTS, reply_queue};
use schemas::{Action, ActionId, CreatedAt, DeadLetter, LetterId, MissionId};
use store::Store;

use crate::step::{Actor, Clock, Error, LEASE, Outcome, Stand};

/// An address that is good on the connection alone on which its caller waits.
const DIRECT: &str = "amq.rabbitmq.reply-to";

/// Replays letters in the name of one operator.
#[derive(Clone, Copy)]
pub(crate) struct Replays<'a> {
    /// Where they are.
    pub(crate) store: &'a Store,
    /// Where their requests go.
    pub(crate) publisher: &'a ConfirmedPublisher,
    /// The local time.
    pub(crate) clock: Clock,
    /// In whose name.
    pub(crate) who: &'a Who,
}

impl Replays<'_> {
    /// Replays a letter that waits. `seen` is the number of the last step that the caller has seen,
    /// if it shall be the last one; `id` names this replay, also when it is tried again.
    ///
    /// # Errors
    /// It is not known whether it was published: try again with the same id. If nobody does, the
    /// replay stays open, and the next one takes it over.
    pub(crate) async fn replay(
        &self,
        letter: LetterId,
        id: ActionId,
        seen: Option<u32>,
    ) -> Result<Outcome, Error> {
        let Some(stand) = Stand::read(self.store, letter).await? else {
            return Ok(Outcome::Unknown);
        };
        let ours = |action: &&Action| action.id == id && action.step == Step::Published;
        if let Some(done) = stand.actions.iter().find(ours) {
            return Ok(Outcome::Done(done.number)); // the answer to the first try was lost
        }
        let Some(body) = stand.body() else {
            let kept = stand.letter.body.len();
            return Ok(Outcome::Refused(format!(
                "only the first {kept} of its {} bytes are kept: correct it first",
                stand.letter.size
            )));
        };
        let intent = match self.intent(&stand, id, seen).await? {
            Ok(intent) => intent,
            Err(outcome) => return Ok(outcome),
        };
        let named = || std::iter::once(MissionId::from(letter.uuid()));
        failpoint::reach("replay.before-publish", named());
        let envelope = envelope(&stand.letter, intent.id);
        let confirmed = self.publisher.publish(REQUESTS, &envelope, body).await?;
        failpoint::reach("replay.after-publish", named());
        self.outcome(&intent, confirmed).await
    }

    /// The replay that is to be carried out: a new one, or one that was left open.
    async fn intent(
        &self,
        stand: &Stand,
        id: ActionId,
        seen: Option<u32>,
    ) -> Result<Result<Action, Outcome>, Error> {
        let actor = self.actor();
        if let Some(open) = stand.open_replay() {
            let left = remaining(open.at, actor.now().await?);
            return Ok(match left.filter(|_| open.id != id) {
                None => Ok(open.clone()),
                Some(retry) => Err(Outcome::Busy { who: open.who.clone(), retry }),
            });
        }
        if let Some(closed) = stand.closed(seen) {
            return Ok(Err(closed));
        }
        let intent = actor.next(stand, id, Step::Replay).await?;
        Ok(match actor.record(&intent).await? {
            Outcome::Done(_) => Ok(intent),
            other => Err(other),
        })
    }

    async fn outcome(&self, intent: &Action, confirmed: Confirmed) -> Result<Outcome, Error> {
        let why = match confirmed {
            Confirmed::Taken => None,
            Confirmed::Refused => Some("the request queue is full, or cannot store it"),
            Confirmed::Unroutable => Some("there is no request queue"),
        };
        let outcome = Action {
            number: intent.number.saturating_add(1),
            step: if why.is_none() { Step::Published } else { Step::Unsent },
            who: self.who.clone(),
            at: self.actor().now().await?,
            detail: why.map(str::to_owned),
            ..intent.clone()
        };
        let recorded = self.actor().record(&outcome).await?;
        Ok(why.map_or(recorded, |why| Outcome::Unsent(why.to_owned())))
    }

    fn actor(&self) -> Actor<'_> {
        Actor { store: self.store, clock: self.clock, who: self.who }
    }
}

/// How long whoever recorded a replay at this time still has for it.
fn remaining(at: CreatedAt, now: CreatedAt) -> Option<Duration> {
    let passed = u64::try_from(now.micros().saturating_sub(at.micros())).unwrap_or_default();
    LEASE.checked_sub(Duration::from_micros(passed)).filter(|left| !left.is_zero())
}

/// The properties of the request that takes the letter's place. It waits as long as it has to: its
/// operator wants it. A caller who waits on a queue of its own still gets its reply.
fn envelope(letter: &DeadLetter, replay: ActionId) -> Envelope {
    let properties = letter.properties();
    let reachable = |address: &String| {
        ![reply_queue::PREFIX, NAMESPACE, DIRECT].iter().any(|prefix| address.starts_with(prefix))
    };
    Envelope {
        message_id: letter.message_id.clone(),
        reply_to: properties.reply_to.filter(reachable),
        correlation_id: properties.correlation_id,
        app_id: properties.app_id,
        timestamp: properties.timestamp,
        traceparent: properties.traceparent,
        tracestate: properties.tracestate,
        replay: Some(replay),
        ..Envelope::default()
    }
}
