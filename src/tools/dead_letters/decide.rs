//! `spymission dead-letters edit` and `discard`.

use dead_letters::{Outcome, decide};
use schemas::LetterId;

use super::dry_run::dry_run;
use super::select::read;
use crate::cli::{Discard, Edit};
use crate::failure::Failure;
use crate::output;
use crate::settings::Setting;
use crate::system::{clock, new_id};
use crate::tools::table::Table;

const BODY: Setting = Setting::new("--body", "SPYMISSION_BODY");

pub(super) async fn edit(settings: Edit) -> Result<(), Failure> {
    let (text, table) = (read(&settings.body, BODY)?, Table::open(&settings.database)?);
    let (who, action) = (settings.operator.who(), (new_id().into(), None));
    let body = text.trim_end().as_bytes();
    let editing = decide::edit(&table.store, clock, &who, settings.id, body, action).await;
    table.store.close().await;
    match refused(settings.id, editing.map_err(|error| Failure::Check(error.to_string()))?) {
        Some(why) => Err(Failure::Check(why)),
        None => output::say(&format!("{}  corrected; replay it to publish it\n", settings.id)),
    }
}

pub(super) async fn discard(settings: Discard) -> Result<(), Failure> {
    let chosen = settings.chosen;
    let table = Table::open(&chosen.database)?;
    let meant = chosen.letters(&table).await?;
    if chosen.dry_run {
        return dry_run(&table, &meant, chosen.output.format, "discarded").await;
    }
    let (who, mut left) = (chosen.operator.who(), 0_usize);
    for letter in &meant {
        let action = (new_id().into(), letter.number);
        let discarding = decide::discard(&table.store, clock, &who, letter.id, action).await;
        match refused(letter.id, discarding.map_err(|error| Failure::Check(error.to_string()))?) {
            Some(why) => {
                left += 1;
                output::warn(why);
            }
            None => output::say(&format!("{}  discarded\n", letter.id))?,
        }
    }
    table.store.close().await;
    if left > 0 {
        Err(Failure::Check(format!("{left} letters were not discarded")))
    } else {
        Ok(())
    }
}

/// Why nothing was done; `None` if it was.
pub(super) fn refused(id: LetterId, outcome: Outcome) -> Option<String> {
    outcome.why_not().map(|why| format!("{id}  {why}"))
}
