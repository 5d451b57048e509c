//! `spymission dead-letters show`: one letter, its bytes, and what was done about it.

use std::fmt::Write;

use dead_letters::Stand;
use schemas::dead_letter::LetterView;
use schemas::{Action, DeadLetter};

use super::body::body;
use super::list::json;
use crate::cli::{LetterFormat, ShowLetter};
use crate::failure::Failure;
use crate::output;
use crate::output::plain;
use crate::tools::table::Table;

pub(super) async fn run(settings: ShowLetter) -> Result<(), Failure> {
    let table = Table::open(&settings.database)?;
    let found = table.read(async |store| Stand::read(store, settings.id).await).await?;
    table.store.close().await;
    let unknown = || Failure::Check(format!("there is no dead letter {}", settings.id));
    let stand = found.ok_or_else(unknown)?;
    output::say(&match settings.output.format {
        LetterFormat::Json => {
            json(&LetterView::new(&stand.letter, &stand.actions).with_properties(&stand.letter))
        }
        LetterFormat::Text => block(&stand),
    })
}

fn block(stand: &Stand) -> String {
    let letter = &stand.letter;
    let mut text = format!("{}\n\n", plain(&letter.reason));
    for (name, value) in members(stand) {
        let _ = writeln!(text, "{name:<15} {}", plain(&value)); // a String takes all
    }
    let cut = if letter.is_whole() { "" } else { ", of which only these are kept" };
    let _ = write!(text, "\n{} bytes{cut}:\n{}", letter.size, body(&letter.body));
    if !stand.actions.is_empty() {
        text.push('\n');
    }
    text.extend(stand.actions.iter().map(step));
    text
}

/// What the letter has, by name.
fn members(stand: &Stand) -> Vec<(&'static str, String)> {
    let DeadLetter { id, last_at, first_at, role, tries, message_id, trace_id, replay, .. } =
        &stand.letter;
    let properties = stand.letter.properties();
    let members = [
        ("id", Some(id.to_string())),
        ("state", Some(stand.state().word().to_owned())),
        ("set aside", Some(last_at.to_string())),
        ("by", Some(role.clone())),
        ("tries", Some(tries.to_string())),
        ("first seen", first_at.map(|at| at.to_string())),
        ("message id", message_id.clone()),
        ("reply to", properties.reply_to),
        ("correlation id", properties.correlation_id),
        ("trace id", trace_id.clone()),
        ("end of replay", replay.map(|replay| replay.to_string())),
    ];
    members.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn step(action: &Action) -> String {
    let at: String = action.at.to_string().chars().take(19).collect();
    let word = action.step.told();
    let who = plain(action.who.as_str());
    let detail = action.detail.as_ref().map(|detail| format!(": {}", plain(detail)));
    let new = action.body.as_ref().map(|bytes| body(bytes)).unwrap_or_default();
    format!("{at}Z  {who} {word}{}\n{new}", detail.unwrap_or_default())
}
