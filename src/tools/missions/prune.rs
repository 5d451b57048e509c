//! `spymission missions prune`: deletes old missions.

use schemas::CreatedAt;
use store::{Error, Store};

use crate::cli::PruneMissions;
use crate::failure::Failure;
use crate::tools::prune::{self, Old};
use crate::tools::table::Table;

struct Missions;

impl Old for Missions {
    const NAME: &'static str = "missions";

    async fn delete(&self, store: &Store, before: CreatedAt, limit: u16) -> Result<usize, Error> {
        store.prune(before, limit).await
    }

    async fn count(&self, store: &Store, before: CreatedAt) -> Result<u64, Error> {
        store.count(before).await
    }
}

pub(super) async fn run(settings: PruneMissions) -> Result<(), Failure> {
    prune::run(Missions, settings.prune, Table::open(&settings.database)?).await
}
