//! `--dry-run`: which letters a command would work on.

use dead_letters::Stand;
use schemas::http::Meant;
use store::Letter;

use super::list::line;
use crate::cli::LetterFormat;
use crate::failure::Failure;
use crate::output;
use crate::tools::table::Table;

/// Lists the letters that are meant.
pub(super) async fn dry_run(
    table: &Table,
    meant: &[Meant],
    format: LetterFormat,
    done: &str,
) -> Result<(), Failure> {
    for letter in meant {
        let found = table.read(async |store| Stand::read(store, letter.id).await).await?;
        match found {
            Some(Stand { letter, actions }) => {
                let listed = Letter { letter, last: actions.into_iter().next_back() };
                output::say(&line(&listed, format))?;
            }
            None => output::warn(format_args!("{}  there is no such letter", letter.id)),
        }
    }
    table.store.close().await;
    match meant.len() {
        1 => output::warn(format_args!("1 letter would be {done}")),
        count => output::warn(format_args!("{count} letters would be {done}")),
    }
    Ok(())
}
