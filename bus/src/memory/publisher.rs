//! Publishing to the in-process broker.

use std::sync::Arc;

use futures_util::future::try_join;

use super::broker::Broker;
use super::connection::Connection;
use crate::{Confirmed, Envelope, Fault};

/// Publishes; cheap to clone.
#[derive(Clone)]
pub(crate) struct Publisher {
    broker: Arc<Broker>,
    /// Only if the broker is simulated.
    connection: Option<Arc<Connection>>,
}

impl Publisher {
    pub(super) fn new(broker: &Arc<Broker>, connection: Option<&Arc<Connection>>) -> Self {
        Self { broker: Arc::clone(broker), connection: connection.cloned() }
    }

    /// Sends a transient message. Says whether there was a queue for it.
    pub(crate) async fn send(
        &self,
        exchange: &str,
        key: &str,
        envelope: &Envelope,
        body: &[u8],
    ) -> Result<Confirmed, Fault> {
        match &self.connection {
            None => Ok(self.broker.publish(exchange, key, envelope, body)),
            // Boxed: it would take room in each request's task.
            Some(connection) => {
                Box::pin(connection.send(&self.broker, (exchange, key), envelope, body)).await
            }
        }
    }

    /// Sends a transient message to two keys, both with the first poll.
    pub(crate) async fn send_copied(
        &self,
        exchange: &str,
        (key, copy): (&str, &str),
        envelope: &Envelope,
        body: &[u8],
    ) -> Result<(), Fault> {
        let Some(connection) = &self.connection else {
            self.broker.publish(exchange, key, envelope, body);
            self.broker.publish(exchange, copy, envelope, body);
            return Ok(());
        };
        let send = |key| Box::pin(connection.send(&self.broker, (exchange, key), envelope, body));
        try_join(send(key), send(copy)).await.map(drop)
    }

    /// Publishes a message and waits for the confirm.
    pub(crate) async fn publish(
        &self,
        exchange: &str,
        key: &str,
        envelope: &Envelope,
        body: &[u8],
    ) -> Result<Confirmed, Fault> {
        match &self.connection {
            None => {
                let confirmed = self.broker.publish(exchange, key, envelope, body);
                // As a server's confirm would, this lets others run, and batches gather.
                tokio::task::yield_now().await;
                Ok(confirmed)
            }
            Some(connection) => {
                Box::pin(connection.publish(&self.broker, (exchange, key), envelope, body)).await
            }
        }
    }
}
