//! Opens channels on one connection.

use std::sync::Arc;

use lapin::{Channel, Connection};

use crate::Fault;
use crate::message::{CALL, within};

/// Opens channels on one connection; cheap to clone.
#[derive(Clone)]
pub(crate) struct Channels(Arc<Connection>);

impl Channels {
    pub(super) fn new(connection: Arc<Connection>) -> Self {
        Self(connection)
    }

    /// A new channel. A refusal closes the channel that it came on, so most calls want their own.
    pub(crate) async fn open(&self) -> Result<Channel, Fault> {
        within(CALL, "open a channel", self.0.create_channel()).await
    }
}
