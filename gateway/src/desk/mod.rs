//! The desk: who waits for which missions, and who is published next.
//!
//! A caller waits in a bounded room until it is published; then for its missions. A reply is
//! matched by mission id, so whatever message a mission travelled in, its caller gets it. When
//! the connection is lost everybody who still waits is published again, under the same ids.

mod book;
mod unfinished;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use schemas::{Mission, MissionIds, Problem};
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

pub(crate) use book::Batch;
use book::Book;

/// Missions of callers that are not yet published.
const ROOM: usize = 8_192;
/// Missions of all callers that wait.
const WAITING: usize = 65_536;

/// Where callers wait.
pub struct Desk {
    book: Mutex<Book>,
    arrived: Notify,
    batch: usize,
}

/// How far a caller's request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Published {
    /// It never left.
    Never,
    /// It left, and whether it stands is unknown.
    Unknown,
    /// The broker has confirmed it.
    Confirmed,
}

/// What came of waiting.
#[derive(Debug)]
pub(crate) enum Answer {
    /// All its missions, in its order.
    Stored(Vec<Mission>),
    /// It was set aside.
    Problem(Problem),
    /// The broker did not take it.
    Refused,
}

/// A caller's trace (W3C Trace Context).
#[derive(Debug, Clone)]
pub(crate) struct Trace {
    pub(crate) parent: String,
    pub(crate) state: Option<String>,
}

/// What a caller takes a seat for.
pub(crate) struct Wanted {
    pub(crate) ids: MissionIds,
    /// Whether the ids come from a key, so that the same may be asked for again.
    pub(crate) keyed: bool,
    pub(crate) trace: Option<Trace>,
}

/// Why there is no seat.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NoSeat {
    /// Somebody waits for another number of the same missions.
    Other,
    /// Too many wait already.
    Full,
    /// The broker has been away for some time.
    Away,
}

impl Desk {
    /// A desk that puts at most `batch` missions of several callers into one message.
    pub fn new(batch: usize) -> Self {
        let book = Book::default();
        let batch = batch.clamp(1, MissionIds::MAX);
        Self { book: Mutex::new(book), arrived: Notify::new(), batch }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a seat for these missions; they are published as soon as may be.
    pub(crate) fn sit(&self, wanted: Wanted) -> Result<Seat<'_>, NoSeat> {
        let ids = &wanted.ids;
        let mut book = self.book();
        if book.is_another(ids.as_slice()) {
            return Err(NoSeat::Other);
        }
        if book.is_stalled() {
            return Err(NoSeat::Away);
        }
        if book.room_missions + ids.len() > ROOM || book.waiting.len() + ids.len() > WAITING {
            return Err(NoSeat::Full);
        }
        let (answer, receiver) = oneshot::channel();
        let ticket = book.admit(wanted, answer);
        drop(book);
        self.arrived.notify_one();
        Ok(Seat { desk: self, ticket, answer: receiver })
    }

    /// Waits until somebody is to be published, and says who. Cancel safe.
    pub(crate) async fn next_batch(&self) -> Batch {
        loop {
            if let Some(batch) = self.book().next_batch(self.batch) {
                return batch;
            }
            self.arrived.notified().await;
        }
    }

    /// A batch is being published from now on.
    pub(crate) fn publishing(&self) {
        self.book().stalled_since.get_or_insert_with(Instant::now);
    }

    /// The broker has confirmed a batch: the next one may go.
    pub(crate) fn confirmed(&self, batch: &Batch) {
        let mut book = self.book();
        book.stalled_since = None;
        for ticket in &batch.tickets {
            let Some(caller) = book.callers.get_mut(ticket) else { continue };
            caller.published = Published::Confirmed;
            if caller.confirm_is_enough
                && let Some(caller) = book.leave(*ticket)
            {
                let _ = caller.answer.send(Err(Published::Confirmed)); // it may have gone meanwhile
            }
        }
    }

    /// From now on a caller waits for nothing but the broker's word; it may have come already.
    fn confirm_is_enough(&self, ticket: u64) {
        let mut book = self.book();
        let Some(caller) = book.callers.get_mut(&ticket) else { return };
        caller.confirm_is_enough = true;
        if caller.published == Published::Confirmed
            && let Some(caller) = book.leave(ticket)
        {
            let _ = caller.answer.send(Err(Published::Confirmed)); // its seat is just asking
        }
    }

    /// The broker did not take a batch: it does not stand. Whoever was in an earlier message, too,
    /// is published once more: that one may stand.
    pub(crate) fn refused(&self, batch: &Batch) {
        let mut book = self.book();
        book.stalled_since = None;
        for ticket in &batch.tickets {
            let only = book.callers.get(ticket).is_some_and(|caller| caller.attempts == 1);
            if !only {
                book.back_to_room(*ticket);
            } else if let Some(caller) = book.leave(*ticket) {
                caller.ids.first().into_iter().for_each(|first| book.unfinished.forget(*first));
                let _ = caller.answer.send(Ok(Answer::Refused)); // it may have gone meanwhile
            }
        }
    }

    /// A session stands: whoever was published in an earlier one is published again, since the
    /// reply went where nobody reads any more.
    pub(crate) fn session_begins(&self) {
        let mut book = self.book();
        book.stalled_since = None;
        let mut tickets: Vec<_> = book.callers.keys().copied().collect();
        tickets.sort_unstable();
        book.callers.values_mut().for_each(|caller| caller.in_room = true);
        book.room_missions = book.callers.values().map(|caller| caller.ids.len()).sum();
        book.room = tickets.into();
        drop(book);
        self.arrived.notify_one();
    }

    /// The session is over.
    pub(crate) fn session_ends(&self) {
        self.book().stalled_since.get_or_insert_with(Instant::now);
    }

    /// Missions that stand. Those nobody waits for are passed over. Says whether anybody waited.
    pub(crate) fn stored(&self, missions: Vec<Mission>) -> bool {
        let (mut book, mut waited) = (self.book(), false);
        for mission in missions {
            waited |= book.stored(mission);
        }
        waited
    }

    /// Missions that were set aside: their callers are told so. Says whether anybody waited.
    pub(crate) fn problem(&self, problem: &Problem) -> bool {
        let (mut book, mut waited) = (self.book(), false);
        for id in problem.missions() {
            for (ticket, _) in book.waiting.remove(id).unwrap_or_default() {
                waited = true;
                if let Some(caller) = book.leave(ticket) {
                    let _ = caller.answer.send(Ok(Answer::Problem(problem.clone()))); // or has gone
                }
            }
            book.unfinished.forget(*id);
        }
        waited
    }

    /// Whether nothing could be published for some time.
    pub(crate) fn is_stalled(&self) -> bool {
        self.book().is_stalled()
    }

    /// For how long the caller that has waited longest for a confirmed request has waited.
    pub(crate) fn longest_wait(&self) -> Duration {
        let book = self.book();
        let confirmed = book.callers.values().filter(|c| c.published == Published::Confirmed);
        confirmed.map(|caller| caller.since.elapsed()).max().unwrap_or_default()
    }
}

/// A caller's seat at the desk; leaving it, or dropping it, forgets the caller.
pub(crate) struct Seat<'a> {
    desk: &'a Desk,
    ticket: u64,
    answer: oneshot::Receiver<Result<Answer, Published>>,
}

impl Seat<'_> {
    /// Waits for the missions as long as that patience lasts, then for the broker's word as long as
    /// the other one does. If there is no answer by then, says how far the request has come.
    pub(crate) async fn wait(
        mut self,
        for_missions: impl Future<Output = ()>,
        for_confirm: impl Future<Output = ()>,
    ) -> Result<Answer, Published> {
        tokio::pin!(for_confirm);
        // The sender lives in the book as long as this seat does.
        tokio::select! {
            biased; // an answer that has come counts
            Ok(answer) = &mut self.answer => return answer,
            () = for_missions => self.desk.confirm_is_enough(self.ticket),
            () = &mut for_confirm => return Err(self.given_up()),
        }
        tokio::select! {
            biased;
            Ok(answer) = &mut self.answer => answer,
            () = for_confirm => Err(self.given_up()),
        }
    }

    fn given_up(&self) -> Published {
        let caller = self.desk.book().leave(self.ticket);
        caller.map_or(Published::Unknown, |caller| caller.published)
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.desk.book().leave(self.ticket);
    }
}
