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

/// The callers, to be read only: nothing changes, and the metrics need not be told.
pub(super) struct Seen<'a>(MutexGuard<'a, Pending>);

impl Deref for Seen<'_> {
    type Target = Pending;

    fn deref(&self) -> &Pending {
        &self.0
    }
}

/// Takes the lock for who only reads.
pub(super) fn look(pending: &Mutex<Pending>) -> Seen<'_> {
    Seen(guard(pending))
}

/// Takes the lock for who changes something.
pub(super) fn lock(pending: &Mutex<Pending>) -> Locked<'_> {
    Locked(guard(pending))
}

/// No code panics while it holds the lock, so a poisoned one is as good as another.
fn guard(pending: &Mutex<Pending>) -> MutexGuard<'_, Pending> {
    pending.lock().unwrap_or_else(PoisonError::into_inner)
}
