//! Asking the broker: lists of missions as requests, the replies on a queue of our own.
//!
//! A connection that is lost ends the session. The next one publishes what is missing again, under
//! the same ids: the same id is the same mission, and each is printed once.

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

use super::End;
use super::book::Book;
use super::order::Order;
use super::print::Printer;
use super::tally::Tally;

/// After a refusal: how long nothing is published.
const FULL: Duration = Duration::from_millis(100);

struct Asking<'a> {
    book: Mutex<Book<'a>>,
    /// Told when there may be something to publish.
    room: Notify,
    tally: &'a Tally,
    printer: &'a Printer,
    silence: Duration,
}

pub(super) async fn ask(
    broker: &Broker,
    order: &Order,
    tally: &Tally,
    printer: &Printer,
    silence: Duration,
) -> End {
    let book = Mutex::new(Book::new(order));
    let asking = Asking { book, room: Notify::new(), tally, printer, silence };
    supervise("request", &Health::default(), &CancellationToken::new(), || async {
        let ended = asking.session(broker).await;
        if let Err(fault) = &ended {
            tally.waits(fault);
        }
        ended
    })
    .await;
    End::Answered
}

impl<'a> Asking<'a> {
    async fn session(&self, broker: &Broker) -> Result<(), Fault> {
        let publishing = broker.open_declared("request publish").await?;
        let replies = broker.open("request replies").await?;
        // The reply queue stands before the first request leaves.
        let address = reply_queue::name("client", Uuid::new_v4());
        let consumer = replies.consume_own(&address, PREFETCH).await?;
        let publisher = publishing.confirmed_publisher().await?;
        self.book().all_again();
        let ended = tokio::select! {
            ended = self.take(consumer) => ended,
            fault = self.publish(&publisher, &address) => Err(fault),
            fault = publishing.lost() => Err(fault),
            fault = replies.lost() => Err(fault),
            () = self.ask_again() => Ok(()), // never
        };
        if ended.is_ok() {
            tokio::join!(replies.close(), publishing.close());
        }
        ended
    }

    /// Publishes whatever the window has room for, one after the other.
    async fn publish(&self, publisher: &ConfirmedPublisher, address: &str) -> Fault {
        loop {
            let (next, asked) = {
                let mut book = self.book();
                (book.next(), book.asked())
            };
            let Some((request, missions)) = next else {
                self.room.notified().await;
                continue;
            };
            self.tally.asked(asked);
            let body = serde_json::to_vec(&Request { missions }).unwrap_or_default(); // cannot fail
            let envelope = Envelope {
                message_id: Some(request.to_string()),
                correlation_id: Some(request.to_string()),
                reply_to: Some(address.to_owned()),
                ..Envelope::default()
            };
            // A fault ends the session with the list unknown; the next one publishes it again.
            match publisher.publish(topology::REQUESTS, &envelope, &body).await {
                Ok(Confirmed::Taken) => {}
                Ok(Confirmed::Refused | Confirmed::Unroutable) => {
                    self.book().not_taken(request);
                    self.tally.waits("RabbitMQ takes no requests: mission.requests is full");
                    tokio::time::sleep(FULL).await;
                }
                Err(fault) => return fault,
            }
        }
    }

    /// Takes replies until everything has come. Only when there is room to print them: between a
    /// mission's entry in the book and its way to the printer nothing is waited for.
    async fn take(&self, mut consumer: Consumer) -> Result<(), Fault> {
        let settler = consumer.settler();
        while !self.book().is_done() {
            self.tally.held_up(!self.printer.has_room());
            let Ok(room) = self.printer.room().await else {
                return std::future::pending().await; // whoever waits for us sees it, too
            };
            self.tally.held_up(false);
            let Some(first) = consumer.next().await? else { continue };
            let (mut last, mut missions) = (first.tag, self.read(&first));
            while missions.len() < 256
                && let Some(reply) = consumer.ready()?
            {
                last = reply.tag;
                missions.extend(self.read(&reply));
            }
            self.tally.came(missions.len());
            room.send(missions);
            self.room.notify_one();
            settler.ack_up_to(last).await?;
        }
        Ok(())
    }

    /// The missions of a reply that were still missing.
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
        let mut book = self.book();
        missions.retain(|mission| book.came(mission.id));
        missions
    }

    /// A problem is about some missions, or about the whole list that it answers.
    fn refused(&self, problem: &Problem, list: Option<&str>) {
        let mut book = self.book();
        let mut count = problem.missions().iter().filter(|id| book.came(**id)).count();
        if problem.missions().is_empty()
            && let Some(list) = list.and_then(|list| list.parse::<CallerRequest>().ok())
        {
            count = book.close(list);
        }
        if count > 0 {
            self.tally.refused(count, problem);
        }
    }

    /// A reply may be lost on its way, the request then being settled: after half of the silence
    /// in which we give up, what is missing is asked for once more.
    async fn ask_again(&self) {
        loop {
            self.tally.silence(self.silence / 2).await;
            self.book().all_again();
            self.room.notify_one();
            tokio::time::sleep(self.silence / 2).await;
        }
    }

    fn book(&self) -> MutexGuard<'_, Book<'a>> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
