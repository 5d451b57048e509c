//! One statement, on whichever database, repeated when that helps.

use std::sync::Arc;
use std::time::Duration;

use telemetry::{Refusal, Statement};
use tokio::time::Instant;

use crate::address::{Address, Place};
use crate::deadline::{QUERY, pause};
use crate::error::{Error, Failure};
use crate::mysql::{self, Server, Source};
use crate::simulated::Tables;
use crate::sql::Dialect;
use crate::sqlite::{self, File};
use crate::statement::Rows;

/// Whether a statement changes the table: SQLite has one connection for those.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

/// The connections to one database.
pub(crate) enum Database {
    MySql(Server),
    Sqlite(File),
    /// Only in a simulation.
    Simulated(Tables),
}

impl Database {
    /// Nothing is opened yet. `source` reads the address again, if it can change.
    pub(crate) fn new(address: &Address, source: Option<Source>) -> Self {
        match &address.place {
            Place::MySql { .. } => Self::MySql(Server::new(address, source)),
            Place::Sqlite(file) => Self::Sqlite(File::new(file)),
        }
    }

    pub(crate) fn dialect(&self) -> &'static Dialect {
        match self {
            Self::MySql(_) => &mysql::DIALECT,
            Self::Sqlite(_) | Self::Simulated(_) => &sqlite::DIALECT,
        }
    }

    /// Runs one statement, which commits by itself, and repeats it when it lost to a rival or with
    /// its connection, as long as [`QUERY`] is not over. A caller who is dropped before a connection
    /// is free leaves the queue for it.
    pub(crate) async fn run<T: Rows>(
        &self,
        access: Access,
        sql: String,
    ) -> Result<Vec<T>, Failure> {
        let sql = &Arc::new(sql);
        self.repeat(access, || async move {
            match self {
                Self::MySql(server) => server.run(sql).await,
                Self::Sqlite(file) => file.run(access == Access::Write, sql).await,
                Self::Simulated(_) => {
                    Err(Error::Unavailable("a simulation has no SQL".to_owned()).into())
                }
            }
        })
        .await
    }

    /// Carries a statement out, and repeats it as [`run`](Self::run) does.
    pub(crate) async fn repeat<T, F>(
        &self,
        access: Access,
        once: impl Fn() -> F,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let begun = Instant::now();
        let mut repeats = 0;
        loop {
            let asked = Instant::now();
            let result = once().await;
            count(access, asked.elapsed(), result.as_ref().err());
            match result {
                Err(failure) if repeats < failure.repeats() && begun.elapsed() < QUERY => {
                    repeats += 1;
                    telemetry::process().repeats.one();
                }
                last => {
                    let refusal = last.as_ref().err().map(refusal);
                    let away = refusal.is_some_and(Refusal::is_of_the_database);
                    telemetry::process().database_away.set(away.into());
                    return last;
                }
            }
            pause(repeats).await;
        }
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::MySql(server) => server.close().await,
            Self::Sqlite(file) => file.close().await,
            Self::Simulated(_) => {}
        }
    }
}

/// Counts a statement.
fn count(access: Access, took: Duration, failure: Option<&Failure>) {
    let metrics = telemetry::process();
    let statement = match access {
        Access::Read => Statement::Read,
        Access::Write => Statement::Write,
    };
    metrics.statements.of(statement).record(took);
    if let Some(failure) = failure {
        metrics.refusals.of(refusal(failure)).one();
    }
}

fn refusal(failure: &Failure) -> Refusal {
    match failure {
        Failure::Duplicate => Refusal::Duplicate,
        Failure::Refused(_) | Failure::Unknown(_) => Refusal::Row,
        Failure::Again(_) | Failure::Broken(_) => Refusal::Again,
        Failure::ReadOnly(_) | Failure::Error(Error::Unavailable(_)) => Refusal::Unavailable,
        Failure::CannotOpen(_) | Failure::Error(_) => Refusal::Configuration,
    }
}
