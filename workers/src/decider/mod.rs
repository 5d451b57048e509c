//! The decider: it takes a request, has its missions drawn, decided and stored, replies with what
//! is stored, and only then acknowledges.

mod gather;
mod settle;
mod take;

use std::sync::Arc;
use std::time::Duration;

use bus::{
    Broker, ConfirmedPublisher, Envelope, Fault, ForeignReplies, Health, Publisher, Requester,
    Taken, failpoint, supervise,
};
use bytes::Bytes;
use gather::{Parts, StoredAnswer};
use schemas::{Casebook, Decisions, Problem, Request, topology};
use settle::{Admitted, Work};
use take::Taking;
use time::OffsetDateTime;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

const ROLE: &str = "decider";

/// A request that is held this long is published again and the old one acknowledged: far below
/// the time after which RabbitMQ takes a consumer for dead (30 minutes).
const HOLD: Duration = Duration::from_secs(5 * 60);
/// When the queue would not take it again: when to try once more.
const HOLD_LONGER: Duration = Duration::from_secs(30);
/// After a stop a request is held no longer than this; another decider takes it then.
const LAST_HOLD: Duration = Duration::from_secs(8);
/// Missions in flight in one decider.
const IN_FLIGHT: usize = 4_096;

/// What a decider needs from outside.
#[derive(Clone)]
pub struct Config {
    /// The rules.
    pub casebook: Casebook,
    /// Tells the time, for deadlines.
    pub clock: fn() -> OffsetDateTime,
}

/// Runs a decider until `stop`, then until what it holds is settled.
pub async fn run(broker: &Broker, config: Config, health: &Health, stop: &CancellationToken) {
    // Replies to foreign callers go on while the last requests are being settled.
    let replying = CancellationToken::new();
    let (foreign, sending) = ForeignReplies::open(broker.clone(), replying.clone());
    let deciding = async {
        supervise(ROLE, health, stop, || session(broker, &config, &foreign, health, stop)).await;
        replying.cancel();
    };
    tokio::join!(deciding, sending);
}

async fn session(
    broker: &Broker,
    config: &Config,
    foreign: &ForeignReplies,
    health: &Health,
    stop: &CancellationToken,
) -> Result<(), Fault> {
    let publishing = broker.open_declared("decider publish").await?;
    let replies = broker.open("decider replies").await?;
    let consuming = broker.open_for_requests("decider consume").await?;
    let publisher = publishing.publisher().await?;
    let (asker, answers) = Requester::open(ROLE, &replies, publisher.clone()).await?;
    let decider = Arc::new(Decider {
        config: config.clone(),
        asker,
        publisher,
        durable: publishing.confirmed_publisher().await?,
        foreign: foreign.clone(),
        health: health.clone(),
        room: Semaphore::new(IN_FLIGHT),
        // A queue that goes with us is no place to leave a request.
        hand_over: if broker.outlives_us() { stop.clone() } else { CancellationToken::new() },
    });
    health.up();
    tracing::info!(role = ROLE, casebook = %config.casebook.name(), "taking requests");
    let taking = Taking::new(decider, &consuming, stop);
    tokio::select! {
        ended = taking.run() => ended?,
        ended = answers.run() => return ended,
        fault = publishing.lost() => return Err(fault),
        fault = replies.lost() => return Err(fault),
        fault = consuming.lost() => return Err(fault),
    }
    tokio::join!(consuming.close(), replies.close(), publishing.close());
    Ok(())
}

/// One session's decider.
struct Decider {
    config: Config,
    asker: Requester,
    publisher: Publisher,
    durable: ConfirmedPublisher,
    foreign: ForeignReplies,
    health: Health,
    room: Semaphore,
    hand_over: CancellationToken,
}

impl Decider {
    /// The way of a mission: parts, decision, row. What it gives back is the reply: the missions
    /// as stored, or what the database refused.
    async fn missions(
        &self,
        request: &Request,
        envelope: &Envelope,
    ) -> Result<Result<Bytes, Problem>, Fault> {
        let ids = request.missions.as_slice();
        let weight = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        let _room = self.room.acquire_many(weight).await; // never closed
        failpoint::reach("decider.before-parts", ids.iter().copied());

        let mut parts = Parts::of(ids.len(), self.asker.dropped());
        let question = crate::json(request);
        let asking = self.asker.ask(topology::PARTS, envelope, &question, |a| parts.take(a));
        let drawn = asking.await?;
        failpoint::reach("decider.after-parts", ids.iter().copied());

        let decide = |(id, parts): (&_, _)| self.config.casebook.decide(*id, parts);
        let decided = Decisions { missions: ids.iter().zip(&drawn).map(decide).collect() };

        let stored = StoredAnswer::of(ids, self.asker.dropped());
        let decisions = crate::json(&decided);
        self.asker.ask(topology::DECISIONS, envelope, &decisions, |a| stored.take(a)).await
    }

    /// Has the work done and settles it. Says whether its missions stand.
    async fn handle(&self, work: Work) -> Result<bool, Fault> {
        let Some(admitted) = self.admit(work).await? else { return Ok(false) };
        let Admitted { taken, address, request } = admitted;
        let missions = self.missions(&request, &taken.envelope);
        tokio::pin!(missions);
        let mut until = taken.received + HOLD;
        let stored = loop {
            tokio::select! {
                stored = &mut missions => break stored?,
                () = self.held_too_long(until) => {
                    if self.publish_again(&taken, &request).await? {
                        return Ok(false);
                    }
                    until = Instant::now() + HOLD_LONGER;
                }
            }
        };
        match stored {
            Ok(missions) => {
                failpoint::reach("decider.before-reply", ids(&request));
                self.reply(address, &taken.envelope, schemas::MessageType::Missions, missions)
                    .await?;
                failpoint::reach("decider.before-ack", ids(&request));
                taken.ack().await.map(|()| true)
            }
            Err(problem) if request.missions.len() > 1 && self.split(&taken, &request).await? => {
                tracing::warn!(%problem, first = ?request.missions.as_slice().first(),
                    "a request was refused; its missions are tried one by one");
                Ok(false)
            }
            Err(problem) => {
                self.set_aside(&taken, &request, address, &problem).await.map(|()| false)
            }
        }
    }

    async fn held_too_long(&self, until: Instant) {
        tokio::select! {
            () = sleep_until(until) => {}
            () = async {
                self.hand_over.cancelled().await;
                sleep(LAST_HOLD).await;
            } => {}
        }
    }

    async fn publish_again(&self, taken: &Taken, request: &Request) -> Result<bool, Fault> {
        let first = request.missions.as_slice().first();
        tracing::info!(?first, "a request was held for long; it goes back to the queue");
        taken.again(&self.durable).await
    }
}

fn ids(request: &Request) -> impl Iterator<Item = schemas::MissionId> + '_ {
    request.missions.as_slice().iter().copied()
}
