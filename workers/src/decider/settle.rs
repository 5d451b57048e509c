//! Carries out a verdict: a reply, a dead letter, or requests in the place of this one. Every
//! request is acknowledged here, after what was to be done about it.

use std::sync::atomic::{AtomicU64, Ordering};

use bus::dead_letter::{self, Label};
use bus::{
    Confirmed, ConfirmedPublisher, Envelope, Fault, ForeignReplies, Publisher, ReturnAddress,
    Taken, failpoint,
};
use bytes::Bytes;
use schemas::{LetterId, MessageType, MissionIds, Problem, Request, Role, Stamp, Stamps, topology};
use seams::{Mutant, chance, planted};
use telemetry::{Begun, Label as _};
use time::OffsetDateTime;

use super::config::Config;
use super::hop::Hop;
use super::outcome::{Failed, Stored};
use super::settled::Settled;
use super::stamping::{Arrival, Stamping};
use super::triage::Verdict;

/// The role, in dead letters and logs.
pub(super) const ROLE: &str = Role::Decider.name();

/// The queue that did not take a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Full {
    /// The queue of dead letters.
    DeadLetters,
    /// The queue of requests.
    Requests,
}

/// A request with its verdict, not yet acknowledged.
pub(super) struct Unsettled {
    pub(super) taken: Taken,
    pub(super) verdict: Verdict,
    /// Its span, and its line in the log.
    pub(super) hop: Hop,
    /// How many requests of a split the queue has taken.
    published: usize,
    /// Its age counts until it is settled.
    _begun: Begun,
}

impl Unsettled {
    pub(super) fn new(taken: Taken, verdict: Verdict) -> Self {
        let begun = telemetry::of(Role::Decider).oldest.begin(taken.received.into_std());
        let hop = Hop::begin(&taken.envelope);
        Self { taken, verdict, hop, published: 0, _begun: begun }
    }
}

/// Carries out verdicts.
pub(super) struct Settle {
    pub(super) publisher: Publisher,
    pub(super) durable: ConfirmedPublisher,
    pub(super) foreign: ForeignReplies,
    pub(super) clock: fn() -> OffsetDateTime,
    stamping: Stamping,
    /// Bad requests that are no dead letters, because that queue was full.
    dropped: AtomicU64,
}

impl Settle {
    pub(super) fn new(
        config: &Config,
        publisher: Publisher,
        durable: ConfirmedPublisher,
        foreign: ForeignReplies,
    ) -> Self {
        let (clock, stamping) = (config.clock, Stamping::new(config));
        Self { publisher, durable, foreign, clock, stamping, dropped: AtomicU64::new(0) }
    }

    /// Carries out the verdict and acknowledges the request. When a queue is full, the request
    /// is still held: try again later. What a try has done is not done again.
    ///
    /// The acknowledgement is last: if this process ends before it, the request is delivered again
    /// and its caller may get the same reply twice.
    pub(super) async fn carry_out(
        &self,
        unsettled: &mut Unsettled,
    ) -> Result<Result<Settled, Full>, Fault> {
        let Unsettled { taken, verdict, published, hop, .. } = unsettled;
        let done = match verdict {
            Verdict::Reply { missions, stored } => {
                self.reply_stored(taken, missions, stored, *hop).await?;
                Ok(Settled::Stored)
            }
            // These are boxed: they are rare, and would take room in each request's task.
            Verdict::Refuse(problem) => {
                Box::pin(self.refuse(taken, problem)).await?;
                Ok(Settled::Refused)
            }
            Verdict::SetAside(failed) => Box::pin(self.set_aside(taken, failed)).await?,
            Verdict::Split { missions, why } => {
                Box::pin(self.split(taken, missions, why, published)).await?
            }
            Verdict::HandBack => Box::pin(self.hand_back(taken)).await?,
        };
        if let Ok(settled) = done {
            if !planted(Mutant::RequestAckedFirst) {
                taken.ack()?;
            }
            settled.count(taken.received.elapsed(), verdict);
            if hop.is_told() {
                let word = settled.handled().value();
                hop.settled(&self.stamp(taken), &taken.envelope, word, verdict.about());
            }
        }
        Ok(done)
    }

    async fn reply_stored(
        &self,
        taken: &Taken,
        missions: &MissionIds,
        stored: &Stored,
        hop: Hop,
    ) -> Result<(), Fault> {
        let ids = || missions.as_slice().iter().copied();
        failpoint::reach("decider.before-reply", ids());
        if !stored.told {
            let begun = self.stamping.now();
            let stamps = self.stamps(taken, &stored.stamps);
            let envelope = Envelope { stamps, ..taken.envelope.reply(MessageType::Missions) };
            let replying = self.reply(&taken.envelope, envelope, stored.body.clone());
            if let Some(place) = replying.await? {
                hop.replied(place, begun, self.clock);
            }
        }
        failpoint::reach("decider.before-ack", ids());
        Ok(())
    }

    fn stamp(&self, taken: &Taken) -> Stamp {
        let Taken { received, earlier, .. } = *taken;
        self.stamping.stamp(Arrival { received, earlier }, self.stamping.now())
    }

    /// The stamp of this decider, and those of who worked on the request meanwhile.
    fn stamps(&self, taken: &Taken, others: &Stamps) -> Stamps {
        let mut stamps = Stamps::from(self.stamp(taken));
        stamps.extend(others.clone());
        stamps
    }

    async fn refuse(&self, taken: &Taken, problem: &Problem) -> Result<(), Fault> {
        let kept = planted(Mutant::BadDropped)
            || self.dead_letter(taken, problem).await? == Confirmed::Taken;
        let message_id = taken.envelope.message_id.as_deref();
        if kept {
            tracing::warn!(%problem, message_id, "refused a request");
        } else {
            let dropped = self.dropped.fetch_add(1, Ordering::Relaxed) + 1;
            telemetry::process().dead_letters_dropped.one();
            tracing::warn!(%problem, message_id, dropped,
                "refused a request and dropped it: the dead letter queue is full");
        }
        self.reply_problem(taken, problem, &Stamps::default()).await
    }

    async fn set_aside(
        &self,
        taken: &Taken,
        Failed { problem, stamps }: &Failed,
    ) -> Result<Result<Settled, Full>, Fault> {
        let kept = self.dead_letter(taken, problem).await?;
        if kept != Confirmed::Taken && !planted(Mutant::LetterUnconfirmed) {
            return Ok(Err(Full::DeadLetters));
        }
        tracing::error!(%problem, first = ?problem.missions().first(), "set a request aside");
        self.reply_problem(taken, problem, stamps).await?;
        Ok(Ok(Settled::SetAside))
    }

    async fn dead_letter(&self, taken: &Taken, problem: &Problem) -> Result<Confirmed, Fault> {
        let now = u64::try_from((self.clock)().unix_timestamp()).unwrap_or_default();
        let first_at = taken.envelope.timestamp.unwrap_or(now);
        let label = Label {
            id: Some(letter_id(taken, problem)),
            reason: Label::reason(problem.kind(), problem.detail()),
            role: ROLE.to_owned(),
            tries: taken.earlier.saturating_add(1),
            first_at,
            last_at: now,
        };
        let published =
            dead_letter::publish(&self.durable, &taken.envelope, &taken.body, label).await?;
        if published == Confirmed::Taken {
            telemetry::process().dead_letters.of(problem.kind()).one();
        }
        Ok(published)
    }

    /// Publishes a request of one mission for each mission; the caller's reply then comes in
    /// parts. `published` counts those that the queue has taken.
    async fn split(
        &self,
        taken: &Taken,
        missions: &MissionIds,
        why: &str,
        published: &mut usize,
    ) -> Result<Result<Settled, Full>, Fault> {
        let all = missions.len() - usize::from(planted(Mutant::SplitForgetsLast));
        for id in missions.as_slice().iter().take(all).skip(*published) {
            let new = planted(Mutant::SplitUnderNewIds).then(|| chance::uuid().into());
            let id = new.as_ref().unwrap_or(id);
            let envelope = Envelope { message_id: Some(id.to_string()), ..taken.envelope.clone() };
            let body = crate::json(&Request { missions: MissionIds::one(*id) });
            let publishing = self.durable.publish(topology::REQUESTS, &envelope, &body);
            if publishing.await? != Confirmed::Taken && !planted(Mutant::SplitUnconfirmed) {
                return Ok(Err(Full::Requests));
            }
            *published += 1;
        }
        let first = missions.as_slice().first();
        tracing::warn!(?first, why, "split a request: its missions are tried one by one");
        Ok(Ok(Settled::Split))
    }

    async fn hand_back(&self, taken: &Taken) -> Result<Result<Settled, Full>, Fault> {
        let publishing = self.durable.publish(topology::REQUESTS, &taken.envelope, &taken.body);
        if publishing.await? != Confirmed::Taken {
            return Ok(Err(Full::Requests));
        }
        let message_id = taken.envelope.message_id.as_deref();
        tracing::info!(message_id, "a request was held for long; a copy is back in the queue");
        Ok(Ok(Settled::HandedBack))
    }

    async fn reply_problem(
        &self,
        taken: &Taken,
        problem: &Problem,
        others: &Stamps,
    ) -> Result<(), Fault> {
        let body = crate::json(problem).into();
        let stamps = self.stamps(taken, others);
        let envelope = Envelope { stamps, ..taken.envelope.reply(MessageType::Problem) };
        self.reply(&taken.envelope, envelope, body).await.map(drop)
    }

    /// Replies, if there is a return address that we accept. Says through which exchange, as
    /// OpenTelemetry names it.
    async fn reply(
        &self,
        asked: &Envelope,
        envelope: Envelope,
        body: Bytes,
    ) -> Result<Option<&'static str>, Fault> {
        match ReturnAddress::parse(asked.reply_to.as_deref()).ok().flatten() {
            None => Ok(None),
            Some(ReturnAddress::Ours(queue)) => {
                self.publisher.send(topology::REPLIES, &queue, &envelope, &body).await?;
                Ok(Some(topology::REPLIES.name))
            }
            Some(ReturnAddress::Foreign(queue)) => {
                self.foreign.send(queue, envelope, body).await;
                Ok(Some("amq.default"))
            }
        }
    }
}

/// The id of the dead letter that this request becomes. If the process dies before it acknowledges
/// the request, the request is set aside again, with the same id, and is still one letter. A request
/// without an id of its own gets a new one. A replayed request that fails again is another letter.
fn letter_id(taken: &Taken, problem: &Problem) -> LetterId {
    let Envelope { message_id, replay, .. } = &taken.envelope;
    let Some(message_id) = message_id else { return chance::uuid().into() };
    let replay = replay.map(|replay| replay.uuid().into_bytes()).unwrap_or_default();
    let kind = problem.kind().word();
    LetterId::of(&[message_id.as_bytes(), &replay, kind.as_bytes(), &taken.body])
}
