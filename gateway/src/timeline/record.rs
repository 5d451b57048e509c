//! What is remembered of one batch.

use schemas::{MissionId, MissionIds, Stamps};
use uuid::Uuid;

/// What came back about a batch, or about a part of it.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// When, in Unix microseconds on this gateway's clock.
    pub(crate) at: u64,
    /// Who has worked on it.
    pub(crate) stamps: Stamps,
    /// Why there are no missions, if it is an error reply: the word of the problem, and its detail.
    pub(crate) reason: Option<String>,
}

/// What is remembered of one batch. Times are Unix microseconds on this gateway's clock.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    message: Uuid,
    missions: Vec<MissionId>,
    /// For each caller the place of its first mission, and when it was admitted.
    admitted: Vec<(usize, u64)>,
    pub(super) published: u64,
    pub(super) confirmed: Option<u64>,
    pub(super) answer: Option<Answer>,
    /// It is a part of a batch that was split.
    part: bool,
}

impl Record {
    /// A batch that is published now. `admitted` has, for each caller, the place of its first
    /// mission and when the caller was admitted, in the order of the places.
    pub(crate) fn new(
        message: Uuid,
        missions: &MissionIds,
        admitted: Vec<(usize, u64)>,
        published: u64,
    ) -> Self {
        Self {
            message,
            missions: missions.as_slice().to_vec(),
            admitted,
            published,
            confirmed: None,
            answer: None,
            part: false,
        }
    }

    pub(super) fn missions(&self) -> &[MissionId] {
        &self.missions
    }

    /// Whether it is the batch with this message id, and no part of it.
    pub(super) fn is_whole(&self, message: Uuid) -> bool {
        self.message == message && !self.part
    }

    /// The place of this mission in its list.
    pub(super) fn place(&self, mission: MissionId) -> Option<usize> {
        self.missions.iter().position(|id| *id == mission)
    }

    /// When the caller was admitted whose missions stand at this place.
    pub(super) fn admitted(&self, place: usize) -> u64 {
        let mut before = self.admitted.iter().rev();
        let caller = before.find(|(first, _)| *first <= place);
        caller.map_or(self.published, |(_, admitted)| *admitted)
    }

    /// The part with these missions, if it has them all.
    pub(super) fn part(&self, missions: &[MissionId]) -> Option<Self> {
        let places = missions.iter().enumerate();
        let admitted = places.map(|(at, id)| Some((at, self.admitted(self.place(*id)?))));
        let admitted = admitted.collect::<Option<_>>()?;
        Some(Self { missions: missions.to_vec(), admitted, part: true, ..self.clone() })
    }
}
