//! Opens channels on one connection, and bounds what is called on them.

use std::fmt::Display;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use lapin::{Connection, ConnectionStatus};
use tokio::time::sleep;

use crate::Fault;
use crate::message::CALL;

/// Opens channels on one connection; cheap to clone.
#[derive(Clone)]
pub(crate) struct Channels {
    connection: Arc<Connection>,
    is_cluster: bool,
}

impl Channels {
    pub(super) fn new(connection: Arc<Connection>, is_cluster: bool) -> Self {
        Self { connection, is_cluster }
    }

    /// Whether the server has several nodes: then its queues are replicated.
    pub(crate) fn is_cluster(&self) -> bool {
        self.is_cluster
    }

    /// A new channel. A refusal closes the channel that it came on, so most calls want their own.
    pub(crate) async fn open(&self) -> Result<Channel, Fault> {
        let connection = self.connection.status().clone();
        let opening = self.connection.create_channel();
        let channel = within(&connection, CALL, "open a channel", opening).await?;
        Ok(Channel { channel, connection })
    }
}

/// A channel, which knows whether the broker blocks its connection.
pub(crate) struct Channel {
    channel: lapin::Channel,
    connection: ConnectionStatus,
}

impl Deref for Channel {
    type Target = lapin::Channel;

    fn deref(&self) -> &Self::Target {
        &self.channel
    }
}

impl Channel {
    /// Bounds a call on this channel. The time in which the broker blocks the connection does not
    /// count, so an alarm ends no session: a new session would take requests that it cannot work
    /// on, and spend their tries.
    pub(crate) async fn within<T, E: Display>(
        &self,
        deadline: Duration,
        step: &'static str,
        call: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Fault> {
        within(&self.connection, deadline, step, call).await
    }
}

/// How often it is looked whether the broker blocks the connection.
const LOOK: Duration = Duration::from_secs(1);

async fn within<T, E: Display>(
    connection: &ConnectionStatus,
    deadline: Duration,
    step: &'static str,
    call: impl Future<Output = Result<T, E>>,
) -> Result<T, Fault> {
    let overdue = async {
        let mut left = deadline;
        while !left.is_zero() {
            let pause = LOOK.min(left);
            sleep(pause).await;
            // It reads nothing from a connection that it blocks.
            if !connection.blocked() {
                left -= pause;
            }
        }
    };
    tokio::select! {
        biased;
        called = call => {
            called.map_err(|error| Fault::Broker { step, reason: error.to_string() })
        }
        () = overdue => Err(Fault::Timeout { step, deadline }),
    }
}
