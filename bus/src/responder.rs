//! Respond: reply to the questions of a queue, as many at once as are ready.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::FutureExt;
use schemas::topology::Queue;
use schemas::{MessageType, Problem, ProblemKind, Role, Stamp, unix_micros};
use serde::de::DeserializeOwned;
use time::OffsetDateTime;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::events::Events;
use crate::questions::{Batch, Questions};
use crate::{
    Broker, Envelope, Event, Fault, Health, Publisher, Response, events, failpoint, hop, response,
    supervise,
};

/// Replies to the questions of one queue.
pub trait Responder {
    /// What a question holds.
    type Question: DeserializeOwned + Send;

    /// Its role.
    fn role(&self) -> Role;

    /// The queue its questions are in.
    fn queue(&self) -> Queue;

    /// How much one question counts toward [`LIMIT`](Self::LIMIT).
    fn weight(question: &Self::Question) -> usize;

    /// The most that is handled together, in the unit of [`weight`](Self::weight).
    const LIMIT: usize;

    /// Responds to the questions: one response for each, in their order. `None` means that it was
    /// stopped before it could; the questions return to the queue.
    fn respond(
        &mut self,
        questions: Vec<Self::Question>,
    ) -> impl Future<Output = Option<Vec<Response>>> + Send;
}

/// The process that responds. It signs and stamps each reply.
#[derive(Debug, Clone, Copy)]
pub struct Replica<'a> {
    /// Its name; see [`Stamp::instance`].
    pub instance: &'a str,
    /// Tells the time.
    pub clock: fn() -> OffsetDateTime,
}

/// Runs the responder until `stop`, and waits for the broker whenever it is away. Questions are
/// transient: a lost one is repeated by its requester.
pub async fn respond<R: Responder>(
    broker: &Broker,
    health: &Health,
    stop: &CancellationToken,
    mut responder: R,
    replica: Replica<'_>,
) {
    let (role, responder) = (responder.role().name(), &mut responder);
    // One session at a time has the responder; the mutex is never waited for.
    let responder = tokio::sync::Mutex::new(responder);
    events::beside(broker, role, |events| async move {
        supervise(role, health, stop, || async {
            let responder = &mut **responder.lock().await;
            session(broker, health, stop, responder, &events, replica).await
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
    replica: Replica<'_>,
) -> Result<(), Fault> {
    let (role, queue) = (responder.role(), responder.queue());
    // One connection, so that a reply and the acknowledgement of its question are written together, and
    // neither goes on without the other while the broker blocks the connection.
    let link = broker.open_declared(role.name()).await?;
    let publisher = link.publisher().await?;
    let questions = Questions::consume(&link, queue, role, R::weight, R::LIMIT).await?;
    health.up();
    telemetry::of(role).connected.set(1);
    tracing::info!(target: "start", role = role.name(), queue = queue.name, "consuming");
    let instance = replica.instance.into();
    let mut server = Server { responder, questions, publisher, events, replica, instance, stop };
    tokio::select! {
        biased; // not at random: a simulation repeats what it has done
        fault = link.lost() => return Err(fault),
        ended = server.run() => ended?,
    }
    drop(server);
    // What is not answered goes back to the queue, and to another process.
    link.close().await;
    Ok(())
}

/// Replies that are being written.
type Writing = Pin<Box<dyn Future<Output = Result<(), Fault>> + Send>>;

struct Server<'a, R: Responder> {
    responder: &'a mut R,
    questions: Questions<'a, R::Question>,
    publisher: Publisher,
    events: &'a Events,
    replica: Replica<'a>,
    /// Its name, shared by the stamps of all replies.
    instance: Arc<str>,
    stop: &'a CancellationToken,
}

impl<R: Responder> Server<'_, R> {
    async fn run(&mut self) -> Result<(), Fault> {
        let metrics = telemetry::of(self.responder.role());
        let mut writing: Option<Writing> = None;
        while let Some(mut batch) = self.questions.next(self.stop).await? {
            let (begun, missions, received) = (Instant::now(), batch.weight, self.now());
            let _in_flight = metrics.in_flight.hold(missions);
            let questions = std::mem::take(&mut batch.questions);
            let answered = if questions.is_empty() {
                Vec::new() // all were dropped or are returned
            } else {
                failpoint::slow(self.responder.role(), missions).await;
                match self.respond(questions).await? {
                    Some(responses) => responses,
                    None => break,
                }
            };
            let took = (received, self.now());
            let (done, returned) = (batch.envelopes.len(), batch.returned.len());
            let replies = replies(&mut batch, answered);
            // The replies to one batch at most wait to be written.
            if let Some(earlier) = writing.take() {
                earlier.await?;
            }
            writing = self.reply(replies, took)?;
            // After the replies: if the process dies before this, the questions are delivered again. lapin
            // may write the acknowledgement first, in the same call of the system; if only that one
            // leaves, the question is asked again.
            self.questions.settle(batch)?;
            metrics.batch_done(begun.elapsed(), missions, done, returned);
        }
        match writing {
            Some(last) => last.await,
            None => Ok(()),
        }
    }

    fn now(&self) -> u64 {
        unix_micros((self.replica.clock)())
    }

    /// A panic is a fault of this session, not the end of the role: the questions are delivered
    /// again, and their requesters count that.
    async fn respond(
        &mut self,
        questions: Vec<R::Question>,
    ) -> Result<Option<Vec<Response>>, Fault> {
        let responding = AssertUnwindSafe(self.responder.respond(questions)).catch_unwind();
        responding.await.map_err(|_| Fault::Broker {
            step: "answer questions",
            reason: "a defect: see the panic in the log".to_owned(),
        })
    }

    /// Hands the replies to the connection. What is returned ends when they are written: to wait for
    /// that would wake this thread once more for each batch.
    fn reply(
        &self,
        mut replies: Vec<(Envelope, Response)>,
        (received, done): (u64, u64),
    ) -> Result<Option<Writing>, Fault> {
        let (role, instance) = (self.responder.role(), Arc::clone(&self.instance));
        let stamp = Stamp { role, instance, asked: None, received, done, attempt: 1 };
        for (asked, response) in &replies {
            hop::note(self.responder.queue(), &stamp, asked, response);
        }
        let events: Vec<_> = replies.iter_mut().flat_map(announced).collect();
        let publisher = self.publisher.clone();
        let mut writing: Writing =
            Box::pin(async move { response::send(&publisher, &stamp, &replies).await });
        let written = writing.as_mut().now_or_never().transpose()?;
        self.announce(events);
        Ok(written.is_none().then_some(writing))
    }

    fn announce(&self, events: Vec<(Envelope, Event)>) {
        let missions = events.iter().flat_map(|(_, event)| event.missions.iter().copied());
        failpoint::reach("serve.before-events", missions);
        for (envelope, event) in events {
            self.events.announce(envelope, event);
        }
    }
}

/// The reply to each question of a batch.
fn replies<Q>(batch: &mut Batch<Q>, responses: Vec<Response>) -> Vec<(Envelope, Response)> {
    let returned = batch.returned.drain(..).map(|asked| (asked, returned()));
    returned.chain(batch.envelopes.drain(..).zip(responses)).collect()
}

/// Takes the events out of a response, each with the properties of its message.
fn announced(
    (asked, response): &mut (Envelope, Response),
) -> impl Iterator<Item = (Envelope, Event)> {
    let events = std::mem::take(&mut response.events).into_iter();
    events.map(|event| (Envelope { correlation_id: None, ..asked.reply(event.kind) }, event))
}

/// A question is returned to its requester: it was delivered before and not answered.
fn returned() -> Response {
    let detail = "the question was delivered before, to a process that did not answer it";
    let problem = Problem::new(ProblemKind::Unavailable, detail);
    let body = serde_json::to_vec(&problem).unwrap_or_default(); // our own types always make JSON
    Response::new(MessageType::Returned, body)
}
