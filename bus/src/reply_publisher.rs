//! Publishing replies to queues by their names, which may not exist.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use crate::{Confirmed, Envelope, Fault, amqp, memory, publisher};

/// Publishes transient messages to queues by their names, through the default exchange. Those for
/// which there is no queue come back.
pub(crate) struct ReplyPublisher(Kind);

enum Kind {
    Amqp(amqp::Publisher),
    Memory { publisher: memory::Publisher, returned: AtomicUsize },
}

impl ReplyPublisher {
    pub(crate) fn amqp(publisher: amqp::Publisher) -> Self {
        Self(Kind::Amqp(publisher))
    }

    pub(crate) fn memory(publisher: memory::Publisher) -> Self {
        Self(Kind::Memory { publisher, returned: AtomicUsize::new(0) })
    }

    /// Hands the message to the connection.
    ///
    /// # Errors
    /// A fault: the session is over.
    pub(crate) async fn send(
        &self,
        queue: &str,
        envelope: &Envelope,
        body: &[u8],
    ) -> Result<(), Fault> {
        let sent = match &self.0 {
            Kind::Amqp(publisher) => publisher.send_to_queue(queue, envelope, body).await,
            Kind::Memory { publisher, returned } => {
                publisher.send("", queue, envelope, body).await.map(|confirmed| {
                    if confirmed == Confirmed::Unroutable {
                        returned.fetch_add(1, Relaxed);
                    }
                })
            }
        };
        publisher::count("", &sent);
        sent
    }

    /// How many have come back since the last call. RabbitMQ sends one back a moment after it was
    /// published.
    ///
    /// # Errors
    /// A fault: the session is over.
    pub(crate) async fn returned(&self) -> Result<usize, Fault> {
        match &self.0 {
            Kind::Amqp(publisher) => publisher.returned().await,
            Kind::Memory { returned, .. } => Ok(returned.swap(0, Relaxed)),
        }
    }
}
