//! A broker: RabbitMQ, or the one in this process.

use std::fmt;
use std::sync::Arc;

use crate::amqp::Carries;
use crate::cluster::Cluster;
use crate::simulated::Disturb;
use crate::{Address, Drills, Fault, Link, memory};

/// A broker, to be connected to as often as needed. Cheap to clone.
#[derive(Clone)]
pub struct Broker(Kind);

#[derive(Clone)]
enum Kind {
    Memory(Arc<memory::Broker>),
    /// As a process of a simulation sees it.
    Simulated(Arc<memory::Broker>, Arc<str>),
    Amqp(Arc<Cluster>),
}

impl Broker {
    /// The broker at this address; does no I/O. Each `memory:` broker is one of its own: clone it
    /// to share it.
    pub fn new(address: Address) -> Self {
        match address {
            Address::Memory => Self(Kind::Memory(Arc::default())),
            Address::Amqp(nodes) => {
                Self(Kind::Amqp(Arc::new(Cluster::new(move || Ok(nodes.clone())))))
            }
        }
    }

    /// A broker in this process with drills. Without them it is as the one at `memory:`.
    pub fn with_drills(drills: &Drills) -> Self {
        Self(Kind::Memory(Arc::new(memory::Broker::with_drills(drills.clone()))))
    }

    /// A broker of a simulation as this process sees it; it takes it for a server.
    pub fn simulated(server: &Disturb, process: &str) -> Self {
        Self(Kind::Simulated(Arc::clone(&server.broker), process.into()))
    }

    /// The RabbitMQ server at the address that `source` yields. It is called for each connection,
    /// so that a new session uses the credentials of now: a source that reads a file makes changed
    /// ones count without a restart. It must not block for long, and its error must hold no secret.
    pub fn at<E: fmt::Display>(
        source: impl Fn() -> Result<Address, E> + Send + Sync + 'static,
    ) -> Self {
        Self(Kind::Amqp(Arc::new(Cluster::new(move || match source() {
            Ok(Address::Amqp(nodes)) => Ok(nodes),
            Ok(Address::Memory) => Err("it is memory: now, which needs a restart".to_owned()),
            Err(error) => Err(error.to_string()),
        }))))
    }

    /// Opens a connection; `name` is what operators see in the broker's tools.
    ///
    /// # Errors
    /// The broker is not there, does not let us in, or does not answer within 5 s; in a cluster each
    /// node has 5 s.
    pub async fn open(&self, name: &str) -> Result<Link, Fault> {
        self.connect(name, Carries::Work).await
    }

    /// As [`open`](Self::open), for a connection on which requests are taken: anybody may have
    /// written them.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_for_requests(&self, name: &str) -> Result<Link, Fault> {
        self.connect(name, Carries::Requests).await
    }

    /// As [`open`](Self::open), for a connection that carries a small message now and then.
    pub(crate) async fn open_for_status(&self, name: &str) -> Result<Link, Fault> {
        self.connect(name, Carries::Status).await
    }

    /// `host:port` of the node to which the last connection was made; `None` before the first one, and
    /// for the in-process broker.
    pub fn node(&self) -> Option<String> {
        match &self.0 {
            Kind::Amqp(cluster) => cluster.place(),
            Kind::Memory(_) | Kind::Simulated(..) => None,
        }
    }

    /// Whether what is in its queues outlives this process.
    pub fn outlives_us(&self) -> bool {
        !matches!(self.0, Kind::Memory(_))
    }

    async fn connect(&self, name: &str, carries: Carries) -> Result<Link, Fault> {
        match &self.0 {
            Kind::Memory(broker) => Ok(Link::memory(memory::Link::new(broker))),
            Kind::Simulated(broker, process) => {
                let opening = memory::Link::open_simulated(broker, process, name);
                Ok(Link::memory(Box::pin(opening).await?))
            }
            Kind::Amqp(cluster) => Ok(Link::amqp(cluster.connect(name, carries).await?)),
        }
    }

    /// Opens a connection and makes the broker look like the topology table as far as this user
    /// may; what it may not declare must be there.
    ///
    /// # Errors
    /// No connection, or something of the table is missing or cannot do what it promises.
    pub async fn open_declared(&self, name: &str) -> Result<Link, Fault> {
        let link = self.open(name).await?;
        for difference in link.declare().await? {
            difference.accept_or_fault()?;
        }
        Ok(link)
    }
}
