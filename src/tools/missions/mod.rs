//! `spymission missions`: what stands in the table.

mod export;
mod sheet;
mod show;

use std::io::{IsTerminal, Write, stdout};

use schemas::{CreatedAt, Mission};
use store::{Error, Filter, Store};

use crate::Failure;
use crate::cli::{Database, Form, List, Missions, Wish};
use crate::process::roles::clock;
use crate::settings::WrongSetting;
use sheet::Writer;

pub(crate) async fn run(action: Missions) -> Result<(), Failure> {
    match action {
        Missions::List(settings) => list(settings).await,
        Missions::Show(settings) => show::run(settings).await,
        Missions::Export(settings) => export::run(settings).await,
    }
}

async fn list(settings: List) -> Result<(), Failure> {
    let (filter, table) = (settings.wish.filter()?, Table::open(&settings.database)?);
    let missions =
        table.read(async |store| store.list(&filter, None, settings.limit).await).await?;
    table.store.close().await;
    let out = stdout().lock();
    let mut writer = match settings.format {
        Form::Table => return columns(out, &missions),
        Form::Json => Writer::json(out),
        Form::Csv => Writer::csv(out)?,
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

impl Wish {
    /// The filter, which must let something pass.
    fn filter(self) -> Result<Filter, WrongSetting> {
        let now = CreatedAt::truncated(clock());
        let [since, until] =
            [self.since, self.until].map(|moment| moment.map(|moment| moment.seen_from(now)));
        if let (Some(since), Some(until)) = (since, until)
            && since >= until
        {
            let wrong = format!("{until} is not after --since {since}: nothing lies between them");
            return Err(WrongSetting::new("--until", wrong));
        }
        Ok(Filter { objective: self.objective, target: self.target, since, until })
    }
}

/// The table that is read.
struct Table {
    store: Store,
    address: store::Address,
}

impl Table {
    /// Reads nothing yet. An SQLite file must be there: to open it would make it.
    fn open(database: &Database) -> Result<Self, Failure> {
        let address = database.or_sqlite()?;
        if let Some(file) = address.file().filter(|file| !file.exists()) {
            let file = file.display();
            return Err(Failure::Check(format!(
                "there is no file {file}: name the database with --database, or make one with \
                 `spymission up`"
            )));
        }
        Ok(Self { store: Store::new(&address), address })
    }

    /// What the store answers; when the tables do not fit, with the next step.
    async fn read<T>(
        &self,
        ask: impl AsyncFnOnce(&Store) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        ask(&self.store).await.map_err(|error| match error {
            Error::Schema(_) => Failure::Check(format!(
                "{}: {error}; run `spymission migrate` on it first",
                self.address
            )),
            other => Failure::Check(format!("{}: {other}", self.address)),
        })
    }
}
