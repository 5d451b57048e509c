//! Requests to the broker, with replies on a queue of our own.
//!
//! When a connection is lost, the session ends. The next session publishes again what is missing,
//! under the same ids. An id always means the same mission, and each mission is printed once.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bus::{
    Broker, Confirmed, ConfirmedPublisher, Consumer, Delivery, Envelope, Fault, Health, PREFETCH,
    supervise,
};
use schemas::topology::{self, reply_queue};
use schemas::{CallerRequest, MessageType, Mission, Missions, Problem, Request};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::lists::Lists;
use super::outcome::Outcome;
use super::pending::Pending;
use super::print::Printer;
use super::progress::Progress;

/// How long to wait after the broker refused a request.
const FULL: Duration = Duration::from_millis(100);

struct Session<'a> {
    pending: Mutex<Pending<'a>>,
    /// Notified when there may be something to publish.
    ready: Notify,
    progress: &'a Progress,
    printer: &'a Printer,
    silence: Duration,
}

pub(super) async fn request(
    broker: &Broker,
    lists: &Lists,
    progress: &Progress,
    printer: &Printer,
    silence: Duration,
) -> Outcome {
    let pending = Mutex::new(Pending::new(lists));
    let session = Session { pending, ready: Notify::new(), progress, printer, silence };
    supervise("request", &Health::default(), &CancellationToken::new(), || async {
        let ended = session.run(broker).await;
        if let Err(fault) = &ended {
            progress.waiting_for(fault);
        }
        ended
    })
    .await;
    Outcome::Answered
}

impl<'a> Session<'a> {
    async fn run(&self, broker: &Broker) -> Result<(), Fault> {
        let publishing = broker.open_declared("request publish").await?;
        let replies = broker.open("request replies").await?;
        // The reply queue must exist before the first request is published.
        let address = reply_queue::name("client", Uuid::new_v4());
        let consumer = replies.consume_own(&address, PREFETCH).await?;
        let publisher = publishing.confirmed_publisher().await?;
        self.pending().repeat_all();
        let ended = tokio::select! {
            ended = self.take(consumer) => ended,
            fault = self.publish(&publisher, &address) => Err(fault),
            fault = publishing.lost() => Err(fault),
            fault = replies.lost() => Err(fault),
            () = self.repeat() => Ok(()), // never ends
        };
        if ended.is_ok() {
            tokio::join!(replies.close(), publishing.close());
        }
        ended
    }

    /// Publishes what the window allows, one request after the other.
    async fn publish(&self, publisher: &ConfirmedPublisher, address: &str) -> Fault {
        loop {
            let (next, requested) = {
                let mut pending = self.pending();
                (pending.next(), pending.requested())
            };
            let Some((request, missions)) = next else {
                self.ready.notified().await;
                continue;
            };
            self.progress.requested(requested);
            let body = serde_json::to_vec(&Request { missions }).unwrap_or_default(); // cannot fail
            let envelope = Envelope {
                message_id: Some(request.to_string()),
                correlation_id: Some(request.to_string()),
                reply_to: Some(address.to_owned()),
                ..Envelope::default()
            };
            // After a fault nobody knows whether the list was taken. The next session repeats it.
            match publisher.publish(topology::REQUESTS, &envelope, &body).await {
                Ok(Confirmed::Taken) => {}
                Ok(Confirmed::Refused | Confirmed::Unroutable) => {
                    self.pending().not_taken(request);
                    self.progress.waiting_for(
                        "RabbitMQ refuses requests: the queue mission.requests is full or missing",
                    );
                    tokio::time::sleep(FULL).await;
                }
                Err(fault) => return fault,
            }
        }
    }

    /// Takes replies until everything has arrived. It takes one only when the printer has room for
    /// it, so that no mission is lost between the two.
    async fn take(&self, mut consumer: Consumer) -> Result<(), Fault> {
        let settler = consumer.settler();
        while !self.pending().is_done() {
            self.progress.printer_is_full(!self.printer.has_capacity());
            let Ok(slot) = self.printer.reserve().await else {
                return std::future::pending().await; // our caller waits for `closed` and ends us
            };
            self.progress.printer_is_full(false);
            let Some(first) = consumer.next().await? else { continue };
            let (mut last, mut missions) = (first.tag, self.read(&first));
            while missions.len() < 256
                && let Some(reply) = consumer.ready()?
            {
                last = reply.tag;
                missions.extend(self.read(&reply));
            }
            self.progress.arrived(missions.len());
            slot.send(missions);
            self.ready.notify_one();
            settler.ack_up_to(last)?;
        }
        Ok(())
    }

    /// The missions in a reply that were still missing.
    fn read(&self, reply: &Delivery) -> Vec<Mission> {
        let missions = match reply.envelope.kind {
            Some(MessageType::Missions) => serde_json::from_slice::<Missions>(&reply.body).ok(),
            Some(MessageType::Problem) => {
                if let Ok(problem) = serde_json::from_slice(&reply.body) {
                    self.refused(&problem, reply.envelope.correlation_id.as_deref());
                }
                None
            }
            _ => None,
        };
        let mut missions = missions.map(|reply| reply.missions).unwrap_or_default();
        let mut pending = self.pending();
        missions.retain(|mission| pending.arrived(mission.id));
        missions
    }

    /// A problem names the missions it is about; without names it is about the whole list.
    fn refused(&self, problem: &Problem, list: Option<&str>) {
        let mut pending = self.pending();
        let mut count = problem.missions().iter().filter(|id| pending.arrived(**id)).count();
        if problem.missions().is_empty()
            && let Some(list) = list.and_then(|list| list.parse::<CallerRequest>().ok())
        {
            count = pending.close(list);
        }
        if count > 0 {
            self.progress.refused(count, problem);
        }
    }

    /// A reply may be lost after its request was acknowledged. So after half of the longest wait,
    /// what is missing is requested again.
    async fn repeat(&self) {
        loop {
            self.progress.silence(self.silence / 2).await;
            self.pending().repeat_all();
            self.ready.notify_one();
            tokio::time::sleep(self.silence / 2).await;
        }
    }

    fn pending(&self) -> MutexGuard<'_, Pending<'a>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
