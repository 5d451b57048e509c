//! Keeps a queue bound for as long as somebody consumes it.

use std::time::Duration;

use lapin::options::QueueBindOptions;
use lapin::types::FieldTable;
use tokio::task::AbortHandle;

use super::channels::{Channel, Channels};
use super::declaration::{ACCESS_REFUSED, Outcome, outcome};
use super::declare::declare;
use crate::Fault;

/// What feeds a queue.
#[derive(Clone)]
pub(super) struct Binding {
    pub(super) queue: String,
    pub(super) exchange: &'static str,
    pub(super) key: String,
}

impl Binding {
    /// Binds the queue; that changes nothing if it is bound.
    pub(super) async fn bind(&self, channel: &Channel) -> Result<Outcome, Fault> {
        let (options, none) = (QueueBindOptions::default(), FieldTable::default());
        let (queue, exchange) = (self.queue.as_str().into(), self.exchange.into());
        let key = self.key.as_str().into();
        outcome(channel, channel.queue_bind(queue, exchange, key, options, none)).await
    }
}

/// A binding is made again this often: a broker does not tell when somebody deletes it.
const OFTEN: Duration = Duration::from_secs(1);
/// When that fails, the pause doubles up to this.
const SELDOM: Duration = Duration::from_secs(30);

/// Keeps a queue bound until it is dropped.
pub(super) struct KeptBound(AbortHandle);

impl Drop for KeptBound {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl KeptBound {
    pub(super) fn new(binding: Binding, channels: Channels) -> Self {
        Self(tokio::spawn(keep(binding, channels)).abort_handle())
    }
}

/// Ends when the connection does, which its session notices by itself, and when this user may not
/// bind: then it is left to those who may.
async fn keep(binding: Binding, channels: Channels) {
    let mut pause = OFTEN;
    let mut bound_on = None;
    loop {
        tokio::time::sleep(pause).await;
        let channel = match bound_on.take() {
            Some(channel) => channel,
            None => match channels.open().await {
                Ok(channel) => channel,
                // The broker is slow.
                Err(Fault::Timeout { .. }) => {
                    pause = SELDOM.min(pause * 2);
                    continue;
                }
                Err(_) => return,
            },
        };
        match binding.bind(&channel).await {
            Ok(Outcome::Done) => {
                bound_on = Some(channel);
                pause = OFTEN;
            }
            Ok(Outcome::Refused { code: ACCESS_REFUSED, text }) => {
                tracing::debug!(text, "this user may not bind");
                return;
            }
            Ok(Outcome::Refused { text, .. }) => {
                let mended = mend(&binding, &channels, &text).await;
                pause = if mended { OFTEN } else { SELDOM.min(pause * 2) };
            }
            Err(_) => pause = SELDOM.min(pause * 2), // the broker is slow
        }
    }
}

/// Declares the topology again, and binds. Says whether that worked.
async fn mend(binding: &Binding, channels: &Channels, lost: &str) -> bool {
    tracing::warn!(queue = binding.queue, lost, "topology was deleted; declaring it again");
    let mending = async {
        for difference in declare(channels).await? {
            difference.accept_or_fault()?;
        }
        binding.bind(&channels.open().await?).await
    };
    match mending.await {
        Ok(Outcome::Done) => true,
        Ok(Outcome::Refused { text, .. }) => {
            tracing::warn!(queue = binding.queue, text, "the queue is not bound");
            false
        }
        Err(fault) => {
            tracing::warn!(queue = binding.queue, %fault, "the queue is not bound");
            false
        }
    }
}
