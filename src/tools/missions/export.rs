//! `spymission missions export`: the whole table, page by page.

use std::io::{IsTerminal, Stdout, stderr, stdout};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use store::{Cursor, Filter};

use super::Table;
use super::sheet::Writer;
use crate::Failure;
use crate::cli::{Export, Sheet};

/// How many missions are held at a time.
const PAGE: u16 = 1_000;

pub(super) async fn run(settings: Export) -> Result<(), Failure> {
    let (filter, table) = (settings.wish.filter()?, Table::open(&settings.database)?);
    let out = stdout();
    let progress = progress(&out);
    let writer = match settings.format {
        Sheet::Json => Writer::json(out),
        Sheet::Csv => Writer::csv(out)?,
    };
    let walked = walk(&table, &filter, writer, &progress).await;
    progress.finish_and_clear();
    table.store.close().await;
    walked
}

/// From the newest to the oldest: what is stored meanwhile is newer, and not met.
async fn walk(
    table: &Table,
    filter: &Filter,
    mut writer: Writer<Stdout>,
    progress: &ProgressBar,
) -> Result<(), Failure> {
    let mut place = None;
    loop {
        let page = table.read(async |store| store.list(filter, place, PAGE).await).await?;
        page.iter().try_for_each(|mission| writer.put(mission))?;
        progress.inc(page.len() as u64);
        match page.last() {
            Some(last) if page.len() == usize::from(PAGE) => place = Some(Cursor::from(last)),
            _ => return Ok(writer.finish()?),
        }
    }
}

/// A line on standard error, if both that is a terminal and the missions do not go there too.
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
