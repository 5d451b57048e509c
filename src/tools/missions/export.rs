//! `spymission missions export`: the whole table, page by page.

use std::io::{IsTerminal, Stdout, stderr, stdout};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use store::Filter;

use super::lines::Writer;
use crate::cli::{Export, ExportFormat};
use crate::failure::Failure;
use crate::output;
use crate::tools::table::Table;

/// How many missions are in memory at a time.
const PAGE: u16 = 1_000;

pub(super) async fn run(settings: Export) -> Result<(), Failure> {
    let (filter, table) = (settings.filters.filter()?, Table::open(&settings.database)?);
    let out = stdout();
    let progress = progress(&out);
    let writer = match settings.format {
        ExportFormat::Json => Writer::json(out),
        ExportFormat::Csv => Writer::csv(out)?,
    };
    let walked = walk(&table, &filter, writer, &progress).await;
    progress.finish_and_clear();
    table.store.close().await;
    walked
}

/// Walks from the newest mission to the oldest. What is stored meanwhile is newer than the start,
/// so the walk does not meet it.
async fn walk(
    table: &Table,
    filter: &Filter,
    mut writer: Writer<Stdout>,
    progress: &ProgressBar,
) -> Result<(), Failure> {
    let mut position = None;
    loop {
        let page = table.read(async |store| store.list(filter, position, PAGE).await).await?;
        page.missions.iter().try_for_each(|mission| writer.put(mission))?;
        progress.suspend(|| page.unreadable.iter().for_each(output::warn));
        progress.inc(page.missions.len() as u64);
        position = page.next;
        if position.is_none() {
            return Ok(writer.finish()?);
        }
    }
}

/// A progress line on standard error, if that is a terminal and standard output is not.
fn progress(out: &Stdout) -> ProgressBar {
    if !stderr().is_terminal() || out.is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{spinner} {pos} missions, {per_sec}");
    let bar = bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
