//! Which missions are read.

use schemas::CreatedAt;
use store::Filter;

use crate::cli::Filters;
use crate::settings::{Setting, WrongSetting};
use crate::system::clock;

const UNTIL: Setting = Setting::new("--until", "SPYMISSION_UNTIL");

impl Filters {
    /// The filter for the table. `--since` must be earlier than `--until`.
    pub(super) fn filter(self) -> Result<Filter, WrongSetting> {
        let now = CreatedAt::truncated(clock());
        let [since, until] =
            [self.since, self.until].map(|moment| moment.map(|moment| moment.seen_from(now)));
        if let (Some(since), Some(until)) = (since, until)
            && since >= until
        {
            let wrong = format!("{until} is not later than --since {since}: name a later time");
            return Err(UNTIL.wrong(wrong));
        }
        let Self { objective, target, dossier, .. } = self;
        Ok(Filter { objective, target, dossier, since, until, ..Filter::default() })
    }
}
