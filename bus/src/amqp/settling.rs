//! The channels on which deliveries are settled. Nobody waits until an acknowledgement is written, and
//! a channel that is closed right behind one can lose it: the delivery comes back, and counts as a
//! failed one. So a channel stays open until the broker has taken what was settled on it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lapin::options::BasicQosOptions;

use super::channels::Channel;
use crate::Fault;
use crate::message::CALL;

/// The channels of one connection on which deliveries are settled.
#[derive(Default)]
pub(super) struct Settling(Mutex<Vec<Arc<Channel>>>);

impl Settling {
    fn channels(&self) -> MutexGuard<'_, Vec<Arc<Channel>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a channel open.
    pub(super) fn keep(&self, channel: &Arc<Channel>) {
        self.channels().push(Arc::clone(channel));
    }

    /// Lets those channels close on which nobody can settle anything any more.
    pub(super) async fn let_go(&self) -> Result<(), Fault> {
        let unused = |channel: &mut Arc<Channel>| Arc::strong_count(channel) == 1;
        let unused: Vec<_> = self.channels().extract_if(.., unused).collect();
        for channel in unused {
            settled(&channel).await?;
        }
        Ok(())
    }

    /// Waits until everything is settled, before the connection is closed.
    pub(super) async fn all_settled(&self) -> Result<(), Fault> {
        let all = std::mem::take(&mut *self.channels());
        let mut every = Ok(());
        for channel in all {
            every = every.and(settled(&channel).await); // one that is closed concerns no other
        }
        every
    }
}

/// The broker works on a channel's frames in their order: when it answers this one, it has taken the
/// acknowledgements before it. The prefetch is that of later consumers, and there are none.
async fn settled(channel: &Channel) -> Result<(), Fault> {
    let asking = channel.basic_qos(1, BasicQosOptions::default());
    channel.within(CALL, "settle", asking).await
}
