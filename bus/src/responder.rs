//! Respond: reply to the questions of a queue, as many at once as are ready.

use schemas::topology::{Queue, Role, reply_queue};
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use crate::events::Events;
use crate::{
    Broker, Delivery, Envelope, Fault, Health, Publisher, Response, Tag, events, failpoint,
    response, supervise,
};

/// Replies to the questions of one queue.
pub trait Responder {
    /// What it is asked.
    type Question: DeserializeOwned + Send;

    /// Its role.
    fn role(&self) -> Role;

    /// The queue its questions are in.
    fn queue(&self) -> Queue;

    /// How much one question counts toward [`LIMIT`](Self::LIMIT).
    fn weight(question: &Self::Question) -> usize;

    /// The most that is answered at once.
    const LIMIT: usize;

    /// Answers the questions, one answer for each, in their order; or `None` when it was stopped
    /// before it could: they go back to the queue.
    fn respond(
        &mut self,
        questions: Vec<Self::Question>,
    ) -> impl Future<Output = Option<Vec<Response>>> + Send;
}

/// Questions that one responder has at a time and has not acknowledged. Small, so that a replica
/// that answers slowly or not at all holds few of them, and the others get the rest.
pub const QUESTIONS: u16 = 64;

/// Serves until `stop`; waits for the broker whenever it is away. Questions are transient: one
/// that is lost on the way is asked again.
pub async fn respond<R: Responder>(
    broker: &Broker,
    health: &Health,
    stop: &CancellationToken,
    mut responder: R,
    instance: &str,
) {
    let (role, responder) = (responder.role().name(), &mut responder);
    // One session at a time has the responder; the mutex is never waited for.
    let responder = tokio::sync::Mutex::new(responder);
    events::beside(broker, role, |events| async move {
        supervise(role, health, stop, || async {
            let responder = &mut **responder.lock().await;
            session(broker, health, stop, responder, &events, instance).await
        })
        .await;
    })
    .await;
}

async fn session<R: Responder>(
    broker: &Broker,
    health: &Health,
    stop: &CancellationToken,
    responder: &mut R,
    events: &Events,
    instance: &str,
) -> Result<(), Fault> {
    let (role, queue) = (responder.role().name(), responder.queue());
    let publishing = broker.open_declared(&format!("{role} publish")).await?;
    let consuming = broker.open(&format!("{role} consume")).await?;
    let publisher = publishing.publisher().await?;
    let consumer = consuming.consume(queue, QUESTIONS).await?;
    health.up();
    tracing::info!(role, queue = queue.name, "consuming");
    let mut server = Server { responder, consumer, publisher, events, instance, stop };
    tokio::select! {
        ended = server.run() => ended?,
        fault = publishing.lost() => return Err(fault),
        fault = consuming.lost() => return Err(fault),
    }
    // What was prefetched and not begun goes back to the queue, and to another worker.
    tokio::join!(consuming.close(), publishing.close());
    Ok(())
}

struct Server<'a, R: Responder> {
    responder: &'a mut R,
    consumer: crate::Consumer,
    publisher: Publisher,
    events: &'a Events,
    instance: &'a str,
    stop: &'a CancellationToken,
}

/// Questions to be answered together.
struct Gathered<Q> {
    last: Tag,
    envelopes: Vec<Envelope>,
    questions: Vec<Q>,
}

impl<R: Responder> Server<'_, R> {
    async fn run(&mut self) -> Result<(), Fault> {
        while let Some(first) = self.stop.run_until_cancelled(self.consumer.next()).await {
            let Some(first) = first? else { break };
            let Gathered { last, envelopes, questions } = self.gather(first)?;
            if questions.is_empty() {
                self.consumer.settler().ack_up_to(last).await?;
                continue; // all were dropped
            }
            let Some(responses) = self.responder.respond(questions).await else { break };
            let responses: Vec<_> = envelopes.iter().zip(responses).collect();
            response::send(&self.publisher, self.instance, &responses).await?;
            self.announce(responses);
            // After the replies: if the process dies before this, the questions are asked again.
            self.consumer.settler().ack_up_to(last).await?;
        }
        Ok(())
    }

    fn announce(&self, responses: Vec<(&Envelope, Response)>) {
        let missions = responses.iter().flat_map(|(_, response)| &response.events);
        failpoint::reach("serve.before-events", missions.map(|event| event.mission));
        for (asked, response) in responses {
            response.events.into_iter().for_each(|event| self.events.announce(asked, event));
        }
    }

    /// The questions that are ready, up to the responder's limit.
    fn gather(&mut self, first: Delivery) -> Result<Gathered<R::Question>, Fault> {
        let (mut last, mut weight, role) = (first.tag, 0, self.responder.role().name());
        let (mut envelopes, mut questions) = (Vec::new(), Vec::new());
        let mut next = Some(first);
        while let Some(delivery) = next {
            last = delivery.tag;
            if let Some((envelope, question)) = read::<R>(role, delivery) {
                weight += R::weight(&question);
                envelopes.push(envelope);
                questions.push(question);
            }
            // A question weighs at most as much as a request may list.
            let room = weight + schemas::MissionIds::MAX <= R::LIMIT;
            next = if room { self.consumer.ready()? } else { None };
        }
        Ok(Gathered { last, envelopes, questions })
    }
}

/// A question that cannot be read, or whose answer would have nowhere to go, is dropped: our own
/// agents do not write such, and nobody waits for it.
fn read<R: Responder>(role: &str, delivery: Delivery) -> Option<(Envelope, R::Question)> {
    let ours = |address: &str| address.starts_with(reply_queue::PREFIX);
    if !delivery.envelope.reply_to.as_deref().is_some_and(ours) {
        tracing::warn!(role, "dropped a question without a return address of ours");
        return None;
    }
    match serde_json::from_slice(&delivery.body) {
        Ok(question) => Some((delivery.envelope, question)),
        Err(error) => {
            tracing::warn!(role, %error, "dropped a question that cannot be read");
            None
        }
    }
}
