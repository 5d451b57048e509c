//! Looking up single missions. Look-ups that come while others are under way share the next
//! statement: a statement costs several times as much as a row, and a single look-up still waits for
//! nobody.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use schemas::MissionId;
use tokio::sync::oneshot;

use crate::database::Database;
use crate::deadline::{ACQUIRE, QUERY, within};
use crate::error::Error;
use crate::read::{self, Found};

/// Statements under way at a time. With two, a slow one does not stop the others.
const STATEMENTS: usize = 2;
/// Look-ups that share a statement, at most.
const TOGETHER: usize = 256;

/// The look-ups of one store.
#[derive(Default)]
pub(crate) struct LookUps(Mutex<Queue>);

#[derive(Default)]
struct Queue {
    /// One for each caller that waits: whoever bounds the callers bounds this.
    waiting: VecDeque<LookUp>,
    statements: usize,
}

struct LookUp {
    id: MissionId,
    /// Closed when the caller has gone.
    caller: oneshot::Sender<Result<Found, Error>>,
}

impl LookUps {
    /// What is stored under this id, within the time that a statement and its connection may take. A
    /// caller who has waited longer takes no place in a later statement.
    pub(crate) async fn find(
        self: &Arc<Self>,
        database: &Arc<Database>,
        id: MissionId,
    ) -> Result<Found, Error> {
        let (caller, found) = oneshot::channel();
        if self.admit(LookUp { id, caller }) {
            tokio::spawn(serve(Arc::clone(self), Arc::clone(database)));
        }
        let broken_off = |_| Err(Error::Unavailable("the look-up was broken off".to_owned()));
        within(ACQUIRE + QUERY, found).await?.unwrap_or_else(broken_off)
    }

    /// Says whether another statement may begin.
    fn admit(&self, look_up: LookUp) -> bool {
        let mut queue = self.queue();
        queue.waiting.push_back(look_up);
        let may_begin = queue.statements < STATEMENTS;
        queue.statements += usize::from(may_begin);
        may_begin
    }

    /// Those that share the next statement; none: the statements end here.
    fn next(&self) -> Vec<LookUp> {
        let mut queue = self.queue();
        let mut next = Vec::new();
        while next.len() < TOGETHER
            && let Some(look_up) = queue.waiting.pop_front()
        {
            if !look_up.caller.is_closed() {
                next.push(look_up);
            }
        }
        queue.statements -= usize::from(next.is_empty());
        next
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One statement after the other, until nobody waits.
async fn serve(look_ups: Arc<LookUps>, database: Arc<Database>) {
    loop {
        let batch = look_ups.next();
        if batch.is_empty() {
            return;
        }
        let ids: Vec<_> = batch.iter().map(|look_up| look_up.id).collect();
        match read::find(&database, &ids).await {
            Ok(found) => hand_out(batch, found),
            Err(error) => {
                for look_up in batch {
                    let _ = look_up.caller.send(Err(error.clone())); // it may have gone
                }
            }
        }
    }
}

/// Gives each caller its own. The missions are in the order of the look-ups.
fn hand_out(batch: Vec<LookUp>, found: Found) {
    let mut missions = found.missions.into_iter().peekable();
    for LookUp { id, caller } in batch {
        let missions: Vec<_> = missions.next_if(|mission| mission.id == id).into_iter().collect();
        let wrong = found.unreadable.iter().filter(|row| row.id == Some(id));
        let unreadable: Vec<_> = wrong.cloned().collect();
        let rows = missions.len() + unreadable.len();
        let _ = caller.send(Ok(Found { missions, unreadable, rows })); // it may have gone
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_who_has_gone_takes_no_place_in_a_statement() {
        let look_ups = LookUps::default();
        let ask = |n| {
            let (caller, found) = oneshot::channel();
            (look_ups.admit(LookUp { id: uuid::Uuid::from_u128(n).into(), caller }), found)
        };
        let asked: Vec<_> = (0..400).map(ask).collect();
        let begun: Vec<_> = asked.iter().map(|(begins, _)| *begins).collect();
        assert_eq!(begun[..3], [true, true, false], "two statements");
        let found: Vec<_> = asked.into_iter().skip(100).map(|(_, found)| found).collect();
        let numbers = |batch: Vec<LookUp>| batch.iter().map(|of| of.id).collect::<Vec<_>>();
        let all: Vec<_> = (100..400).map(|n| uuid::Uuid::from_u128(n).into()).collect();
        assert_eq!(numbers(look_ups.next()), all[..256]);
        assert_eq!(numbers(look_ups.next()), all[256..]);
        assert!(look_ups.next().is_empty() && look_ups.next().is_empty());
        assert!(look_ups.admit(LookUp { id: all[0], caller: oneshot::channel().0 }), "again");
        drop(found);
    }
}
