//! The lock of the callers that wait.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::pending::Pending;

/// The callers, as long as the lock is held. Then the metrics are told how many there are.
pub(super) struct Locked<'a>(MutexGuard<'a, Pending>);

impl Deref for Locked<'_> {
    type Target = Pending;

    fn deref(&self) -> &Pending {
        &self.0
    }
}

impl DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut Pending {
        &mut self.0
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        self.0.show();
    }
}

/// Takes the lock. No code panics while it holds it, so a poisoned lock is as good as another.
pub(super) fn lock(pending: &Mutex<Pending>) -> Locked<'_> {
    Locked(pending.lock().unwrap_or_else(PoisonError::into_inner))
}
