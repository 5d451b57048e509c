//! Which missions a list shows.

use schemas::{CreatedAt, DossierPrefix, Text};

/// Which missions a list shows: those that meet every condition that is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Just this objective.
    pub objective: Option<Text>,
    /// Just this target.
    pub target: Option<Text>,
    /// Dossiers that begin so. No index has them: see [`LOOKED_AT`](Self::LOOKED_AT).
    pub dossier: Option<DossierPrefix>,
    /// Just this casebook; no index has it either.
    pub casebook: Option<Text>,
    /// Stored at this time or later.
    pub since: Option<CreatedAt>,
    /// Stored before this time.
    pub until: Option<CreatedAt>,
}

impl Filter {
    /// How many missions are looked at for one page, in the order of the list, where the filter has a
    /// condition without an index. Another index would cost every mission that is stored.
    pub const LOOKED_AT: u32 = 10_000;

    /// The part of the filter that an index can answer. It chooses the rows that are looked at. `None`:
    /// the filter has no other part.
    pub(crate) fn looked_at(&self) -> Option<Self> {
        let (objective, target) = (self.objective.clone(), self.target.clone());
        let target = target.filter(|_| objective.is_none()); // no index has both
        let Self { since, until, .. } = *self;
        let looked_at = Self { objective, target, since, until, ..Self::default() };
        (self.dossier.is_some() || self.casebook.is_some()).then_some(looked_at)
    }
}
