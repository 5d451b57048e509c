//! A connection to a simulated broker: what is published and consumed on it, until it is lost.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::broker::Broker;
use super::plan::{Durable, Message};
use super::server::{Connected, Consuming, Server};
use crate::{Confirmed, Envelope, Fault};

pub(crate) struct Connection {
    process: String,
    name: String,
    server: Arc<Server>,
    lost: CancellationToken,
    consumers: Mutex<Vec<Weak<dyn Consuming>>>,
}

/// What a consumer of a simulated broker belongs to.
pub(super) struct Attached {
    pub(super) connection: Arc<Connection>,
    pub(super) queue: String,
    /// The broker has ended the consumer.
    pub(super) ended: CancellationToken,
}

impl Connected for Connection {
    fn is_lost(&self) -> bool {
        self.lost.is_cancelled()
    }

    fn is_of(&self, process: &str) -> bool {
        self.process == process
    }

    fn lose(&self) {
        self.lost.cancel();
        self.consumers().iter().for_each(|consumer| consumer.lose());
    }

    fn consumers(&self) -> Vec<Arc<dyn Consuming>> {
        let consumers = self.consumers.lock().unwrap_or_else(PoisonError::into_inner);
        consumers.iter().filter_map(Weak::upgrade).collect()
    }
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// The broker is away.
    pub(super) async fn open(
        server: &Arc<Server>,
        process: &str,
        name: &str,
    ) -> Result<Arc<Self>, Fault> {
        tokio::time::sleep(server.plan.latency()).await;
        let (process, name) = (process.to_owned(), name.to_owned());
        let server = Arc::clone(server);
        let (lost, consumers) = (CancellationToken::new(), Mutex::default());
        let connection = Arc::new(Self { process, name, server, lost, consumers });
        let known: Weak<Self> = Arc::downgrade(&connection);
        connection.server.add(known)?;
        Ok(connection)
    }

    pub(crate) async fn lost(&self) -> Fault {
        self.lost.cancelled().await;
        self.fault()
    }

    fn fault(&self) -> Fault {
        Fault::Broker { step: "use the connection", reason: "the connection is lost".to_owned() }
    }

    pub(super) fn attach(self: &Arc<Self>, queue: &str) -> Attached {
        let (connection, queue) = (Arc::clone(self), queue.to_owned());
        Attached { connection, queue, ended: CancellationToken::new() }
    }

    pub(super) fn add(&self, consumer: Weak<dyn Consuming>) {
        let mut consumers = self.consumers.lock().unwrap_or_else(PoisonError::into_inner);
        consumers.retain(|consumer| consumer.strong_count() > 0);
        consumers.push(consumer);
    }

    pub(super) fn delivered(&self, queue: &str, envelope: &Envelope, earlier: u32) {
        self.server.plan.delivered(&self.process, queue, envelope, earlier);
    }

    pub(super) fn settled(&self, queue: &str, acknowledged: bool) {
        self.server.plan.settled(&self.process, queue, acknowledged);
    }

    fn message<'a>(
        &'a self,
        (exchange, key): (&'a str, &'a str),
        envelope: &'a Envelope,
        body: &'a [u8],
    ) -> Message<'a> {
        Message { process: &self.process, link: &self.name, exchange, key, envelope, body }
    }

    /// Sends a transient message. Returns what it would be told of one that is mandatory.
    pub(super) async fn send(
        &self,
        broker: &Arc<Broker>,
        to: (&str, &str),
        envelope: &Envelope,
        body: &[u8],
    ) -> Result<Confirmed, Fault> {
        if self.is_lost() {
            return Err(self.fault());
        }
        let (mut confirmed, blocked) = (Confirmed::Taken, self.server.is_blocked());
        for delay in self.server.plan.transient(self.message(to, envelope, body)) {
            if delay.is_zero() && !blocked {
                confirmed = broker.publish(to.0, to.1, envelope, body);
            } else {
                self.publish_later(broker, to, (envelope.clone(), body.to_vec()), delay);
            }
        }
        self.is_writable().await?;
        self.answer().await?;
        Ok(confirmed)
    }

    /// Publishes a message after this time, and not before an alarm is over: as with a real client it
    /// is on its way, whether or not its sender waits for that.
    fn publish_later(
        &self,
        broker: &Arc<Broker>,
        (exchange, key): (&str, &str),
        (envelope, body): (Envelope, Vec<u8>),
        delay: Duration,
    ) {
        let (broker, server, lost) =
            (Arc::clone(broker), Arc::clone(&self.server), self.lost.clone());
        let (exchange, key) = (exchange.to_owned(), key.to_owned());
        let starts = server.starts();
        tokio::spawn(async move {
            if lost.run_until_cancelled(server.writable()).await.is_none() {
                return; // with its connection
            }
            tokio::time::sleep(delay).await;
            if server.starts() == starts {
                broker.publish(&exchange, &key, &envelope, &body);
            }
        });
    }

    /// Publishes a message and waits for the confirm.
    pub(super) async fn publish(
        &self,
        broker: &Broker,
        to: (&str, &str),
        envelope: &Envelope,
        body: &[u8],
    ) -> Result<Confirmed, Fault> {
        self.is_writable().await?;
        let fate = self.server.plan.durable(self.message(to, envelope, body));
        let confirmed = match fate {
            Durable::Refused => Confirmed::Refused,
            Durable::Lost => Confirmed::Unroutable, // nobody is told
            Durable::Stored | Durable::Unconfirmed => broker.publish(to.0, to.1, envelope, body),
        };
        if matches!(fate, Durable::Lost | Durable::Unconfirmed) {
            self.lose();
        }
        self.answer().await?;
        Ok(confirmed)
    }

    /// Waits through an alarm.
    async fn is_writable(&self) -> Result<(), Fault> {
        tokio::select! {
            biased;
            () = self.lost.cancelled() => Err(self.fault()),
            () = self.server.writable() => Ok(()),
        }
    }

    /// Waits for the answer to a call.
    async fn answer(&self) -> Result<(), Fault> {
        tokio::select! {
            biased;
            () = self.lost.cancelled() => Err(self.fault()),
            () = tokio::time::sleep(self.server.plan.latency()) => Ok(()),
        }
    }
}
