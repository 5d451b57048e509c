//! A second database server, which follows the first and can take its place.

use testkit::servers::{MariaDb, Replication};
use tokio::runtime::Handle;

use crate::failure::Failure;
use crate::proxy::Proxy;

/// The server that is not the primary.
pub(crate) struct Standby {
    pub(crate) node: MariaDb,
    /// From it to the primary.
    pub(crate) line: Proxy,
    pub(crate) replication: Replication,
    /// How many servers there were. Each has a number of its own: a server passes over what it finds
    /// under its own number.
    servers: u32,
}

impl Standby {
    /// A primary, and what follows it.
    ///
    /// # Errors
    /// A server does not come up.
    pub(super) fn pair(
        replication: Replication,
        runtime: &Handle,
    ) -> Result<(MariaDb, Option<Self>), Failure> {
        let start = |number| MariaDb::start_replicating(number, replication);
        let (primary, node) = (start(1)?, start(2)?);
        let line = runtime.block_on(Proxy::start(primary.port()))?;
        primary.lead(replication)?;
        node.follow(line.port())?;
        Ok((primary, Some(Self { node, line, replication, servers: 2 })))
    }

    /// An empty server instead, which has yet to follow.
    ///
    /// # Errors
    /// It does not come up.
    pub(crate) fn replace(&mut self) -> Result<(), Failure> {
        self.servers += 1;
        self.node = MariaDb::start_replicating(self.servers, self.replication)?;
        Ok(())
    }
}
