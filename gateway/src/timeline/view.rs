//! The timeline of one mission, as it is shown.

use std::sync::Arc;

use schemas::{CreatedAt, MissionId, Role, Stamp};
use serde::{Serialize, Serializer};

use super::record::Record;

/// How a mission came to be. Times are Unix microseconds, and written as RFC 3339 in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Timeline {
    mission: MissionId,
    /// How many missions the message listed.
    pub(crate) missions: usize,
    /// When its caller was admitted; this gateway's clock.
    #[serde(serialize_with = "time")]
    pub(crate) admitted: u64,
    /// Each message that asked for it. The last one was answered, or is still waited for.
    pub(crate) attempts: Vec<Attempt>,
    /// The processes that worked on it.
    pub(crate) hops: Vec<Hop>,
    /// When its reply came; this gateway's clock.
    #[serde(serialize_with = "time_if", skip_serializing_if = "Option::is_none")]
    pub(crate) replied: Option<u64>,
}

/// A message that asked for it; this gateway's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Attempt {
    #[serde(serialize_with = "time")]
    pub(crate) published: u64,
    #[serde(serialize_with = "time_if", skip_serializing_if = "Option::is_none")]
    pub(crate) confirmed: Option<u64>,
}

/// A process that worked on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Hop {
    #[serde(serialize_with = "name")]
    pub(crate) role: Role,
    pub(crate) instance: String,
    pub(crate) attempt: u32,
    /// When it was first asked, on the clock of the decider that asked.
    #[serde(serialize_with = "time_if", skip_serializing_if = "Option::is_none")]
    pub(crate) asked: Option<u64>,
    /// On its own clock.
    #[serde(serialize_with = "time")]
    pub(crate) received: u64,
    /// On its own clock.
    #[serde(serialize_with = "time")]
    pub(crate) done: u64,
}

impl Timeline {
    /// The timeline of this mission from the batches that listed it, the oldest first, each with
    /// the place of the mission.
    pub(super) fn of<'a>(
        mission: MissionId,
        batches: impl Iterator<Item = (&'a Arc<Record>, usize)>,
    ) -> Option<Self> {
        let mut attempts = Vec::new();
        let (mut first, mut last) = (None, None);
        for (batch, place) in batches {
            let attempt = Attempt { published: batch.published, confirmed: batch.confirmed };
            // A part of a batch is no attempt of its own.
            attempts.pop_if(|last: &mut Attempt| last.published == attempt.published);
            attempts.push(attempt);
            first = first.or_else(|| Some(batch.admitted(place)));
            last = Some(batch);
            if batch.replied.is_some() {
                break; // what was published later makes no difference
            }
        }
        let (admitted, batch) = first.zip(last)?;
        Some(Self {
            mission,
            missions: batch.missions().len(),
            admitted,
            attempts,
            hops: batch.stamps.as_slice().iter().map(Hop::of).collect(),
            replied: batch.replied,
        })
    }
}

impl Hop {
    fn of(stamp: &Stamp) -> Self {
        let Stamp { role, instance, asked, received, done, attempt } = stamp.clone();
        Self { role, instance, attempt, asked, received, done }
    }
}

fn time<S: Serializer>(micros: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    let time = i64::try_from(*micros).ok().and_then(CreatedAt::from_micros);
    time.serialize(serializer) // null for a year that no calendar has
}

#[expect(clippy::ref_option, reason = "serde calls it")]
fn time_if<S: Serializer>(micros: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
    match micros {
        Some(micros) => time(micros, serializer),
        None => serializer.serialize_none(),
    }
}

fn name<S: Serializer>(role: &Role, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(role.name())
}
