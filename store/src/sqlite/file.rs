//! The file: its connections, and whether it is still the file that they opened.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::sqlite::SqliteConnection;
use sqlx::{ConnectOptions, SqlitePool};

use super::errors::failure;
use super::options::{pool, reading, reading_copy, writing};
use crate::deadline::ACQUIRE;
use crate::error::{Error, Failure};
use crate::statement::{self, Rows};

/// What tells a file from another one under the same name: its device and its number there.
type Identity = (u64, u64);

/// A database in a file.
pub(crate) struct File {
    path: PathBuf,
    /// More writers would only wait for each other in the file.
    writer: SqlitePool,
    readers: SqlitePool,
    /// The file that is in use.
    opened: Mutex<Option<Identity>>,
}

impl File {
    /// Not yet opened.
    pub(crate) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            writer: pool(1, writing(path)),
            readers: pool(2, reading(path)),
            opened: Mutex::new(None),
        }
    }

    /// Runs one statement once.
    pub(crate) async fn run<T: Rows>(
        &self,
        write: bool,
        sql: &Arc<String>,
    ) -> Result<Vec<T>, Failure> {
        self.check()?;
        let pool = if write { &self.writer } else { &self.readers };
        let result = match once(pool, sql).await {
            Err(Failure::CannotOpen(_) | Failure::ReadOnly(_))
                if !write && self.is_copy_at_rest() =>
            {
                self.readers.set_connect_options(reading_copy(&self.path));
                once(pool, sql).await
            }
            other => other,
        };
        self.check()?; // what was written into a file that has gone is not stored
        result.map_err(|failure| self.explained(failure))
    }

    /// A connection of its own, for migrations; a missing file is made.
    pub(crate) async fn connect(&self) -> Result<SqliteConnection, Failure> {
        self.check()?;
        if !self.path.exists() {
            // Others may make it at the same time.
            let made = OpenOptions::new().append(true).create(true).open(&self.path);
            made.map(drop).map_err(|error| self.cannot_be_made(&error))?;
            self.check()?;
        }
        let options = writing(&self.path);
        let connecting = tokio::time::timeout(ACQUIRE, options.connect());
        let connected = connecting.await.unwrap_or(Err(sqlx::Error::PoolTimedOut));
        connected.map_err(|error| self.explained(failure(error)))
    }

    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await; // the last one to close writes the log into the file
    }

    /// Whether the file was never there, as far as this process knows.
    pub(crate) fn is_not_there_yet(&self) -> bool {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).is_none() && !self.path.exists()
    }

    /// Whether the file is still the one that was opened: what is written into another one, or into
    /// one that has no name any more, is lost.
    fn check(&self) -> Result<(), Failure> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = self.path.display();
        let wrong = match (*opened, identity(&self.path)) {
            (None, found) => {
                *opened = found;
                return Ok(());
            }
            (opened, found) if opened == found => return Ok(()),
            (_, None) => format!(
                "the file {shown} was deleted or moved while this process uses it: put it back, or \
                 start this process again"
            ),
            (_, Some(_)) => format!(
                "the file {shown} was replaced while this process uses it: stop this process, \
                 remove {shown}-wal and {shown}-shm, and start it again"
            ),
        };
        Err(Error::Configuration(wrong).into())
    }

    /// Whether nobody has the file open for writing, as far as the files beside it tell.
    fn is_copy_at_rest(&self) -> bool {
        self.path.is_file() && !self.beside("-wal").exists() && !self.beside("-shm").exists()
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(suffix);
        name.into()
    }

    fn folder(&self) -> &Path {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        folder.unwrap_or(Path::new("."))
    }

    /// SQLite says only that it cannot: here is what is in its way.
    fn explained(&self, failure: Failure) -> Failure {
        let (path, folder) = (self.path.display(), self.folder().display());
        let why = match failure {
            Failure::CannotOpen(_) if !self.folder().is_dir() => {
                format!("there is no folder {folder}")
            }
            Failure::CannotOpen(_) if !self.path.exists() => {
                format!("there is no file {path}: `spymission migrate` makes it")
            }
            Failure::CannotOpen(_) if self.path.is_dir() => format!("{path} is a folder"),
            Failure::CannotOpen(detail) | Failure::ReadOnly(detail) => format!(
                "the file {path}, or the folder {folder}, cannot be read and written by this \
                 process: look at owner and mode ({detail})"
            ),
            other => return other,
        };
        Error::Configuration(why).into()
    }

    fn cannot_be_made(&self, error: &io::Error) -> Failure {
        let (path, folder) = (self.path.display(), self.folder().display());
        Error::Configuration(match error.kind() {
            io::ErrorKind::NotFound if !self.folder().is_dir() => {
                format!("there is no folder {folder}: make it, or name another file")
            }
            _ => format!("the file {path} cannot be made in the folder {folder}: {error}"),
        })
        .into()
    }
}

async fn once<T: Rows>(pool: &SqlitePool, sql: &Arc<String>) -> Result<Vec<T>, Failure> {
    let connection =
        statement::acquire(pool).await.map_err(|error| failure(error).while_connecting())?;
    statement::run(connection, Arc::clone(sql), failure).await
}

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> Option<Identity> {
    std::fs::metadata(path).ok().map(|_| (0, 0))
}
