//! A connection to the in-process broker.

use std::sync::Arc;

use super::broker::Broker;
use super::connection::Connection;
use super::consumer::Consumer;
use super::publisher::Publisher;
use crate::own_queue::OwnQueue;
use crate::{Depth, Fault};

pub(crate) struct Link {
    broker: Arc<Broker>,
    /// Only if the broker is simulated; another one is never lost.
    connection: Option<Arc<Connection>>,
}

impl Link {
    pub(crate) fn new(broker: &Arc<Broker>) -> Self {
        Self { broker: Arc::clone(broker), connection: None }
    }

    /// Connects a process of a simulation.
    ///
    /// # Errors
    /// The broker is away.
    pub(crate) async fn open_simulated(
        broker: &Arc<Broker>,
        process: &str,
        name: &str,
    ) -> Result<Self, Fault> {
        let connection = match broker.server() {
            None => None,
            Some(server) => Some(Connection::open(server, process, name).await?),
        };
        Ok(Self { broker: Arc::clone(broker), connection })
    }

    pub(crate) fn consume(&self, queue: &str, prefetch: u16) -> Result<Consumer, Fault> {
        Consumer::new(&self.broker, self.connection.as_ref(), queue, prefetch)
    }

    pub(crate) fn own(&self, name: &str, own: OwnQueue, prefetch: u16) -> Result<Consumer, Fault> {
        Consumer::own(&self.broker, self.connection.as_ref(), (name, own), prefetch)
    }

    pub(crate) fn publisher(&self) -> Publisher {
        Publisher::new(&self.broker, self.connection.as_ref())
    }

    pub(crate) fn depth(&self, queue: &str) -> Option<Depth> {
        self.broker.depth(queue)
    }

    pub(crate) async fn lost(&self) -> Fault {
        match &self.connection {
            None => std::future::pending().await,
            Some(connection) => connection.lost().await,
        }
    }
}
