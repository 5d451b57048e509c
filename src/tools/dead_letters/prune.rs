//! `spymission dead-letters prune`: deletes old letters.

use schemas::CreatedAt;
use schemas::dead_letter::State;
use store::{Error, LetterFilter, Store};

use crate::cli::PruneLetters;
use crate::failure::Failure;
use crate::tools::prune::{self, Old};
use crate::tools::table::Table;

struct Letters {
    /// Also those about which nobody has done anything.
    open: bool,
}

impl Letters {
    fn before(&self, before: CreatedAt) -> LetterFilter {
        let done =
            [State::Replayed, State::Stored, State::SetAsideAgain, State::Discarded].to_vec();
        let states = if self.open { Vec::new() } else { done };
        LetterFilter { states, until: Some(before), ..LetterFilter::default() }
    }
}

impl Old for Letters {
    const NAME: &'static str = "dead letters";

    async fn delete(&self, store: &Store, before: CreatedAt, limit: u16) -> Result<usize, Error> {
        store.letters().prune(&self.before(before), limit).await
    }

    async fn count(&self, store: &Store, before: CreatedAt) -> Result<u64, Error> {
        store.letters().count(&self.before(before)).await
    }
}

pub(super) async fn run(settings: PruneLetters) -> Result<(), Failure> {
    let letters = Letters { open: settings.open };
    prune::run(letters, settings.prune, Table::open(&settings.database)?).await
}
