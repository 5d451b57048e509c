//! Which letters are meant.

use std::io::Read;
use std::path::Path;

use dead_letters::select;
use schemas::dead_letter::State;
use schemas::http::Meant;
use schemas::{CreatedAt, LetterId};
use store::{Letter, LetterFilter};

use crate::cli::{Chosen, LetterFilters};
use crate::failure::Failure;
use crate::settings::{Setting, WrongSetting};
use crate::system::clock;
use crate::tools::table::Table;

const UNTIL: Setting = Setting::new("--until", "SPYMISSION_LETTER_UNTIL");
const FROM: Setting = Setting::new("--from", "SPYMISSION_FROM");
/// The most bytes of a file of ids.
const LONGEST: u64 = 1 << 30;

impl LetterFilters {
    /// The filter for the table. `--since` must be earlier than `--until`.
    pub(super) fn filter(&self) -> Result<LetterFilter, WrongSetting> {
        let now = CreatedAt::truncated(clock());
        let [since, until] =
            [self.since, self.until].map(|moment| moment.map(|moment| moment.seen_from(now)));
        if let (Some(since), Some(until)) = (since, until)
            && since >= until
        {
            let wrong = format!("{until} is not later than --since {since}: name a later time");
            return Err(UNTIL.wrong(wrong));
        }
        let (reason, role, text) = (self.reason.clone(), self.role.clone(), self.text.clone());
        Ok(LetterFilter { states: self.state.states(), reason, role, since, until, text })
    }

    fn names_something(&self) -> bool {
        let Self { reason, role, since, until, text, state: _ } = self;
        reason.is_some() || role.is_some() || text.is_some() || since.is_some() || until.is_some()
    }
}

impl Chosen {
    /// The letters that are meant: they are chosen now, and those that arrive later are not meant.
    pub(super) async fn letters(&self, table: &Table) -> Result<Vec<Meant>, Failure> {
        let most =
            self.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        if !self.ids.is_empty() {
            let named = self.ids.iter().map(|id| Meant { id: *id, number: None });
            return Ok(named.take(most).collect());
        }
        if let Some(file) = &self.from {
            return Ok(listed(file)?.into_iter().take(most).collect());
        }
        if !self.all && !self.filters.names_something() {
            return Err(Failure::Check(
                "which letters? Name ids, --from, a filter as --reason, or --all".to_owned(),
            ));
        }
        let filter = self.filters.filter()?;
        Ok(walk(table, &filter, most).await?.iter().map(select::meant).collect())
    }
}

impl Chosen {
    /// The letters that were published before, by a command that did not see what became of them.
    pub(super) async fn earlier(&self, table: &Table) -> Result<Vec<LetterId>, Failure> {
        if !self.ids.is_empty() || self.from.is_some() {
            return Ok(Vec::new()); // they are among those that are meant
        }
        let filter = LetterFilter { states: vec![State::Replayed], ..self.filters.filter()? };
        let letters = walk(table, &filter, MOST).await?;
        Ok(letters.into_iter().map(|letter| letter.letter.id).collect())
    }
}

/// The most letters that are followed from earlier commands.
const MOST: usize = 10_000;

/// At most so many letters that pass the filter, the newest first.
pub(super) async fn walk(
    table: &Table,
    filter: &LetterFilter,
    most: usize,
) -> Result<Vec<Letter>, Failure> {
    let selected = table.read(async |store| select::select(store, filter, most).await).await?;
    selected.unreadable.iter().for_each(crate::output::warn);
    Ok(selected.letters)
}

/// The letters of a file, one on each line: an id, or what `list --format json` writes.
fn listed(file: &Path) -> Result<Vec<Meant>, WrongSetting> {
    let text = read(file, FROM)?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.enumerate().map(|(i, line)| meant(line).ok_or_else(|| wrong(i + 1))).collect()
}

fn meant(line: &str) -> Option<Meant> {
    if let Ok(id) = line.parse() {
        return Some(Meant { id, number: None });
    }
    let object: serde_json::Value = serde_json::from_str(line).ok()?;
    let number = object.get("number").and_then(|number| number.as_u64());
    let id = object.get("id")?.as_str()?.parse().ok()?;
    Some(Meant { id, number: number.and_then(|number| u32::try_from(number).ok()) })
}

fn wrong(line: usize) -> WrongSetting {
    FROM.wrong(format!("line {line} is neither an id nor a JSON object with an `id`"))
}

/// The text of the file that this setting names, or of standard input.
pub(super) fn read(file: &Path, setting: Setting) -> Result<String, WrongSetting> {
    let mut text = String::new();
    let read = if file == Path::new("-") {
        std::io::stdin().take(LONGEST).read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(LONGEST).read_to_string(&mut text))
    };
    match read {
        Ok(_) => Ok(text),
        Err(error) => Err(setting.wrong(format!("{} cannot be read: {error}", file.display()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_an_id_or_an_object_with_one() {
        let id = "0ba1d2ff-8c5f-5e0f-a4b1-0c9a62f2c1de";
        assert_eq!(meant(id).unwrap().number, None);
        let object = format!(r#"{{"id":"{id}","number":3,"reason":"x"}}"#);
        assert_eq!(meant(&object).unwrap().number, Some(3));
        for wrong in ["x", "{}", r#"{"id":7}"#, "[]"] {
            assert!(meant(wrong).is_none(), "{wrong}");
        }
    }
}
