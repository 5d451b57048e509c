//! `spymission missions list`: the newest missions.

use std::io::{IsTerminal, Write, stdout};

use schemas::Mission;
use store::Filter;

use super::lines::Writer;
use crate::cli::{Format, List};
use crate::failure::Failure;
use crate::output;
use crate::tools::table::Table;

pub(super) async fn run(settings: List) -> Result<(), Failure> {
    let (filter, table) = (settings.filters.filter()?, Table::open(&settings.database)?);
    let missions = newest(&table, &filter, settings.limit).await;
    table.store.close().await;
    let missions = missions?;
    print(settings.format, &missions)?;
    if missions.is_empty() {
        output::warn(match filter == Filter::default() {
            true => "no mission is stored yet",
            false => "no stored mission is as the filters say",
        });
    }
    Ok(())
}

/// So many of the newest missions that pass the filter, or all. A page may be short though others
/// follow.
async fn newest(table: &Table, filter: &Filter, limit: u16) -> Result<Vec<Mission>, Failure> {
    let (mut missions, mut place, mut left) = (Vec::new(), None, limit);
    loop {
        let page = table.read(async |store| store.list(filter, place, left).await).await?;
        page.unreadable.iter().for_each(output::warn);
        let rows = page.missions.len() + page.unreadable.len();
        left = left.saturating_sub(u16::try_from(rows).unwrap_or(u16::MAX));
        missions.extend(page.missions);
        place = page.next;
        if left == 0 || place.is_none() {
            return Ok(missions);
        }
    }
}

fn print(format: Format, missions: &[Mission]) -> Result<(), Failure> {
    let out = stdout().lock();
    let mut writer = match format {
        Format::Table => return columns(out, missions),
        Format::Json => Writer::json(out),
        Format::Csv => Writer::csv(out)?,
    };
    missions.iter().try_for_each(|mission| writer.put(mission))?;
    Ok(writer.finish()?)
}

/// Columns for people; the header is for a terminal, a program counts lines.
fn columns(mut out: impl Write + IsTerminal, missions: &[Mission]) -> Result<(), Failure> {
    let mut text = String::new();
    if out.is_terminal() {
        text = format!("{:<36}  {:<20}  MISSION\n", "ID", "STORED");
    }
    for Mission { id, objective, target, created_at, .. } in missions {
        let stored: String = created_at.to_string().chars().take(19).collect();
        text.push_str(&format!("{id}  {stored}Z  {objective} {target}\n"));
    }
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}
