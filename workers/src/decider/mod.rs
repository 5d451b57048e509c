//! The decider takes a request, has its missions drawn, decided and stored, replies with what is
//! stored, and then acknowledges the request.
//!
//! `triage` judges a delivery and an outcome. `work` is the way of a mission, and `groups` lets
//! requests for one mission each take it together. `settle` carries out a verdict. `waiting` holds the requests that a full queue does not take. `width` decides how
//! many requests are taken at a time.

mod config;
mod gather;
mod groups;
mod hop;
mod notices;
mod outcome;
mod renewal;
mod settle;
mod settled;
mod silence;
mod stamping;
mod triage;
mod tries;
mod waiting;
mod width;
mod work;

use std::sync::Arc;
use std::time::Duration;

use bus::{
    Broker, CopyTo, Envelope, Fault, ForeignReplies, Health, Requester, ReturnAddress, Running,
    Taken, supervise, together,
};
pub use config::Config;
use notices::Notices;
use outcome::{Failed, Stored};
use schemas::{Request, Role};
use seams::{Mutant, planted};
use settle::{ROLE, Settle, Unsettled};
use settled::Settled;
use stamping::Arrival;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use triage::{Verdict, judge, triage};
use tries::Tries;
use waiting::{Waiting, waiting};
use width::Width;
use work::Work;

/// A request that is held this long is published again and the old one acknowledged: far below
/// the time after which RabbitMQ ends a consumer that does not acknowledge (30 minutes).
const HOLD: Duration = Duration::from_secs(5 * 60);
/// After the queue has refused it: the time until the next try.
const HOLD_LONGER: Duration = Duration::from_secs(30);
/// After a stop a request is held no longer than this; another decider takes it then.
const LAST_HOLD: Duration = Duration::from_secs(8);

/// Runs a decider until `stop`, then until what it holds is settled.
pub async fn run(broker: &Broker, config: Config, health: &Health, stop: &CancellationToken) {
    // Replies to foreign callers go on while the last requests are being settled.
    let replying = CancellationToken::new();
    let (foreign, sending) = ForeignReplies::open(broker.clone(), replying.clone());
    let deciding = async {
        supervise(ROLE, health, stop, || session(broker, &config, &foreign, health, stop)).await;
        replying.cancel();
    };
    together([Box::pin(deciding) as Running<'_>, Box::pin(sending)]).await;
}

async fn session(
    broker: &Broker,
    config: &Config,
    foreign: &ForeignReplies,
    health: &Health,
    stop: &CancellationToken,
) -> Result<(), Fault> {
    let asking = broker.open_declared("decider ask").await?;
    let consuming = broker.open_for_requests("decider consume").await?;
    let publisher = asking.publisher().await?;
    let (requester, answers) = Requester::open(Role::Decider, &asking, publisher.clone()).await?;
    let durable = asking.confirmed_publisher().await?;
    let notices = Arc::new(Notices::new(health.clone()));
    let work = Work::new(config, requester, &notices);
    let settle = Arc::new(Settle::new(config, publisher, durable, foreign.clone()));
    // The in-process queue ends with this process, so no request is handed back to it.
    let hand_over = if broker.outlives_us() { stop.clone() } else { CancellationToken::new() };
    let (silent_steps, (waiting, held)) = (work.silent_steps(), waiting());
    let decider = Decider { work, settle: Arc::clone(&settle), waiting, hand_over };
    let decider = Arc::new(decider);
    // Boxed: it is large, and a task is moved several times before and after it runs.
    let handle = move |taken| Box::pin(Arc::clone(&decider).handle(taken));
    health.up();
    telemetry::of(Role::Decider).connected.set(1);
    tracing::info!(target: "start", role = ROLE, casebook = %config.casebook.name(), "taking requests");
    let taking = Width::new(&consuming, stop, silent_steps, handle).run();
    let deciding = async { tokio::try_join!(taking, held.run(&settle, &notices, stop)) };
    tokio::select! {
        biased; // not at random: a simulation repeats what it has done
        fault = asking.lost() => return Err(fault),
        fault = consuming.lost() => return Err(fault),
        ended = answers.run() => return ended,
        ended = deciding => ended.map(drop)?,
    }
    tokio::join!(consuming.close(), asking.close());
    Ok(())
}

/// One session's decider.
struct Decider {
    work: Work,
    settle: Arc<Settle>,
    waiting: Waiting,
    hand_over: CancellationToken,
}

impl Decider {
    /// Judges a request, has its missions made, and settles it.
    async fn handle(self: Arc<Self>, taken: Taken) -> Result<Settled, Fault> {
        let now = (self.settle.clock)();
        // A planted defect, for the simulation. The acknowledgement is in `settle`.
        if planted(Mutant::RequestAckedFirst) {
            taken.ack()?;
        }
        let earlier = if planted(Mutant::CountNeverRises) { 0 } else { taken.earlier };
        let mut unsettled = match triage(&taken.body, &taken.envelope, earlier, now) {
            Err(verdict) => Unsettled::new(taken, verdict),
            Ok(request) => {
                let mut unsettled = Unsettled::new(taken, Verdict::HandBack);
                match self.outcome(&mut unsettled, &request).await? {
                    None => return Ok(Settled::HandedBack),
                    Some(outcome) => unsettled.verdict = judge(request, outcome),
                }
                unsettled
            }
        };
        match self.settle.carry_out(&mut unsettled).await? {
            Ok(settled) => Ok(settled),
            Err(_full) => {
                telemetry::of(Role::Decider).handled.of(Settled::Waits.handled()).one();
                self.waiting.admit(unsettled).await;
                Ok(Settled::Waits)
            }
        }
    }

    /// Works on a request for as long as it may be held. `None`: it was handed back meanwhile.
    async fn outcome(
        &self,
        unsettled: &mut Unsettled,
        request: &Request,
    ) -> Result<Option<Result<Stored, Failed>>, Fault> {
        let taken = &unsettled.taken;
        let envelope = unsettled.hop.onward(&taken.envelope);
        let tries = Tries::of(request, envelope.tries);
        let copy_to = copy_to(&taken.envelope);
        let missions = self.work.request(request, envelope, arrival(taken), copy_to, &tries);
        tokio::pin!(missions);
        let mut until = unsettled.taken.received + HOLD;
        loop {
            tokio::select! {
                biased;
                outcome = &mut missions => return outcome.map(Some),
                () = self.held_too_long(until) => {
                    unsettled.taken.envelope.tries = tries.count();
                    // Boxed: it is rare, and would take room in each request's task.
                    if Box::pin(self.settle.carry_out(unsettled)).await?.is_ok() {
                        return Ok(None);
                    }
                    until = Instant::now() + HOLD_LONGER;
                }
            }
        }
    }

    async fn held_too_long(&self, until: Instant) {
        tokio::select! {
            biased;
            () = sleep_until(until) => {}
            () = async {
                self.hand_over.cancelled().await;
                sleep(LAST_HOLD).await;
            } => {}
        }
    }
}

/// A process of ours that waits for the reply gets it from the persister, in the same message as this
/// decider. A foreign caller gets it from the decider, see [`ForeignReplies`].
fn copy_to(request: &Envelope) -> Option<CopyTo> {
    match ReturnAddress::parse(request.reply_to.as_deref()) {
        Ok(Some(ReturnAddress::Ours(address))) => {
            Some(CopyTo { address, correlation_id: request.correlation_id.clone() })
        }
        _ => None,
    }
}

fn arrival(taken: &Taken) -> Arrival {
    Arrival { received: taken.received, earlier: taken.earlier }
}
