//! A caller who waits.

use std::sync::Mutex;

use seams::{Mutant, planted};
use tokio::sync::oneshot;

use super::caller::{Outcome, Published};
use super::lock::lock;
use super::pending::Pending;

/// A caller who waits for its missions. Dropping it forgets the caller.
pub(crate) struct Waiter<'a> {
    pub(super) pending: &'a Mutex<Pending>,
    pub(super) caller_id: u64,
    pub(super) outcome: oneshot::Receiver<Result<Outcome, Published>>,
}

impl Waiter<'_> {
    /// Waits for the missions until `for_missions` ends, and then for the broker's confirm until
    /// `for_confirm` ends.
    ///
    /// # Errors
    ///
    /// Without an outcome by then, how far the request has come.
    pub(crate) async fn wait(
        mut self,
        for_missions: impl Future<Output = ()>,
        for_confirm: impl Future<Output = ()>,
    ) -> Result<Outcome, Published> {
        tokio::pin!(for_confirm);
        // The correlator keeps the sender for as long as this waiter lives.
        tokio::select! {
            biased; // an outcome that has arrived counts
            Ok(outcome) = &mut self.outcome => return outcome,
            () = for_missions => {
                if planted(Mutant::AcceptedUnconfirmed) {
                    return Err(Published::Confirmed);
                }
                lock(self.pending).confirm_is_enough(self.caller_id);
            }
            () = &mut for_confirm => return Err(self.give_up()),
        }
        tokio::select! {
            biased;
            Ok(outcome) = &mut self.outcome => outcome,
            () = for_confirm => Err(self.give_up()),
        }
    }

    fn give_up(&self) -> Published {
        let caller = lock(self.pending).remove(self.caller_id);
        caller.map_or(Published::Unknown, |caller| caller.published)
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        lock(self.pending).remove(self.caller_id);
    }
}
