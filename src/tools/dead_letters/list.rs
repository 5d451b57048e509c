//! `spymission dead-letters list`: letters, or groups of them.

use schemas::dead_letter::{LetterGroup, LetterView};
use store::Letter;

use super::select::walk;
use crate::cli::{LetterFormat, ListLetters};
use crate::failure::Failure;
use crate::output;
use crate::output::plain;
use crate::tools::table::Table;

pub(super) async fn run(settings: ListLetters) -> Result<(), Failure> {
    let (filter, table) = (settings.filters.filter()?, Table::open(&settings.database)?);
    let format = settings.output.format;
    let text: String = if settings.groups {
        let groups = table.read(async |store| store.letters().groups(&filter).await).await?;
        groups.iter().map(|found| group(found, format)).collect()
    } else {
        let most = usize::try_from(settings.limit).unwrap_or(usize::MAX);
        let letters = walk(&table, &filter, most).await?;
        letters.iter().map(|letter| line(letter, format)).collect()
    };
    table.store.close().await;
    output::say(&text)?;
    if text.is_empty() {
        output::warn("no dead letter is as the flags say");
    }
    Ok(())
}

/// A letter: two lines for people, or one JSON object.
pub(super) fn line(listed: &Letter, format: LetterFormat) -> String {
    let letter = &listed.letter;
    if format == LetterFormat::Json {
        return json(&LetterView::new(letter, &listed.last));
    }
    let at: String = letter.last_at.to_string().chars().take(19).collect();
    let state = listed.state().word();
    format!("{}  {at}Z  {state}\n    {}\n", letter.id, plain(&letter.reason))
}

fn group(group: &LetterGroup, format: LetterFormat) -> String {
    if format == LetterFormat::Json {
        return json(group);
    }
    let at: String = group.last_at.to_string().chars().take(19).collect();
    let (count, open) = (group.count, group.open);
    let (role, pattern) = (plain(&group.role), plain(&group.group));
    let letters = if count == 1 { "letter" } else { "letters" };
    format!("{count:>7} {letters}, {open} open, by {role}, the last one {at}Z\n        {pattern}\n")
}

/// One line of JSON. Our own types always make JSON.
pub(super) fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default() + "\n"
}
