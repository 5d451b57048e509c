//! How missions came to be: what this gateway remembers of its last batches, and of the stamps in
//! their replies. What it does not remember is not invented.

mod record;
mod view;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use schemas::MissionId;
use schemas::http::Timeline;
use uuid::Uuid;

pub(crate) use record::{Answer, Record};

/// So many batches are remembered; then the oldest is forgotten. With 256 callers in each of them
/// and all stamps that a reply may have, they take 12 MB.
pub(crate) const REMEMBERED: usize = 1_000;

/// The last batches, the newest at the end. It is locked three times for a batch, however many
/// missions that lists.
#[derive(Default)]
pub(crate) struct Timelines(Mutex<VecDeque<Arc<Record>>>);

impl Timelines {
    /// Remembers a batch that is being published.
    pub(crate) fn published(&self, batch: Record) {
        push(&mut self.batches(), batch);
    }

    /// Notes when the broker confirmed the batch with this message id.
    pub(crate) fn confirmed(&self, message: Uuid, at: u64) {
        let mut batches = self.batches();
        if let Some(batch) = find(&mut batches, message) {
            Arc::make_mut(batch).confirmed = Some(at);
        }
    }

    /// Notes the reply to the batch with this message id, and for which of its missions it is. The
    /// first reply counts. A batch that was split has several replies: each is remembered as a batch
    /// of its own.
    pub(crate) fn replied(&self, message: Uuid, missions: &[MissionId], answer: Answer) {
        let mut batches = self.batches();
        let Some(batch) = find(&mut batches, message) else { return };
        if batch.answer.is_some() {
            return;
        }
        if missions.len() == batch.missions().len() {
            Arc::make_mut(batch).answer = Some(answer);
        } else if let Some(mut part) = batch.part(missions) {
            part.answer = Some(answer);
            push(&mut batches, part);
        }
    }

    /// The timeline of this mission, if it is remembered.
    pub(crate) fn of(&self, mission: MissionId) -> Option<Timeline> {
        let batches = self.batches().clone(); // one reference each: nobody waits for the search
        let with = batches.iter().filter_map(|batch| Some((batch, batch.place(mission)?)));
        view::view(mission, with)
    }

    fn batches(&self) -> MutexGuard<'_, VecDeque<Arc<Record>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn push(batches: &mut VecDeque<Arc<Record>>, batch: Record) {
    if batches.len() >= REMEMBERED {
        batches.pop_front();
    }
    batches.push_back(Arc::new(batch));
}

/// The whole batch with this message id. It is among the newest.
fn find(batches: &mut VecDeque<Arc<Record>>, message: Uuid) -> Option<&mut Arc<Record>> {
    batches.iter_mut().rev().find(|batch| batch.is_whole(message))
}

#[cfg(test)]
mod tests;
