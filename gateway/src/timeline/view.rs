//! The timeline of one mission, made from what is remembered of its batches.

use std::borrow::Cow;
use std::sync::Arc;

use schemas::http::{Attempt, Hop, Timeline};
use schemas::{CreatedAt, MissionId, Stamp};

use super::record::Record;

/// The timeline of this mission from the batches that listed it, the oldest first, each with the
/// place of the mission.
pub(super) fn view<'a>(
    mission: MissionId,
    batches: impl Iterator<Item = (&'a Arc<Record>, usize)>,
) -> Option<Timeline> {
    let mut attempts = Vec::new();
    let (mut first, mut last) = (None, None);
    for (batch, place) in batches {
        let attempt = Attempt {
            published: time(batch.published)?,
            confirmed: batch.confirmed.and_then(time),
        };
        // A part of a batch is no attempt of its own.
        attempts.pop_if(|last: &mut Attempt| last.published == attempt.published);
        attempts.push(attempt);
        first = first.or_else(|| Some(batch.admitted(place)));
        last = Some(batch);
        if batch.answer.as_ref().is_some_and(|answer| answer.reason.is_none()) {
            break; // what was published later makes no difference
        }
    }
    let (admitted, batch) = first.zip(last)?;
    let answer = batch.answer.as_ref();
    let stamps = answer.map(|answer| answer.stamps.as_slice()).unwrap_or_default();
    Some(Timeline {
        mission,
        missions: batch.missions().len(),
        admitted: time(admitted)?,
        attempts,
        hops: stamps.iter().filter_map(hop).collect(),
        replied: answer.and_then(|answer| time(answer.at)),
        reason: answer.and_then(|answer| answer.reason.clone()),
    })
}

/// A hop; `None` if its times are in a year that no calendar has.
fn hop(stamp: &Stamp) -> Option<Hop> {
    Some(Hop {
        role: Cow::Borrowed(stamp.role.name()),
        instance: stamp.instance.as_ref().to_owned(),
        attempt: stamp.attempt,
        asked: stamp.asked.and_then(time),
        received: time(stamp.received)?,
        done: time(stamp.done)?,
    })
}

fn time(micros: u64) -> Option<CreatedAt> {
    CreatedAt::from_micros(i64::try_from(micros).ok()?)
}
