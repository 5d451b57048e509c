//! The statements that a simulation carries out itself; any other database gets them as SQL.

use std::collections::HashMap;

use schemas::dead_letter::State;
use schemas::{CreatedAt, DeadLetter, LetterId, Mission, MissionId};

use crate::cursor::Cursor;
use crate::database::{Access, Database};
use crate::error::{Error, Failure};
use crate::filter::Filter;
use crate::letters;
use crate::page_cursor::PageCursor;
use crate::rows::Stored;

impl Database {
    /// Inserts these rows, all stored at the same time; all of them or none.
    pub(crate) async fn insert(&self, rows: &[&Mission], now: CreatedAt) -> Result<(), Failure> {
        match self {
            Self::Simulated(tables) => self.repeat(Access::Write, || tables.insert(rows)).await,
            _ => self.run::<()>(Access::Write, self.dialect().insert(rows, now)).await.map(drop),
        }
    }

    /// The rows of these ids, in any order.
    pub(crate) async fn find(&self, ids: &[MissionId]) -> Result<Vec<Stored>, Failure> {
        match self {
            Self::Simulated(tables) => self.repeat(Access::Read, || tables.find(ids)).await,
            _ => self.run(Access::Read, self.dialect().find(ids)).await,
        }
    }

    /// The rows of a page of the list, in its direction, up to the position `end`.
    pub(crate) async fn list(
        &self,
        filter: &Filter,
        place: Option<PageCursor>,
        end: Option<Cursor>,
        limit: u32,
    ) -> Result<Vec<Stored>, Failure> {
        match self {
            Self::Simulated(tables) => {
                self.repeat(Access::Read, || tables.list(filter, place, limit)).await
            }
            _ => self.run(Access::Read, self.dialect().list(filter, place, end, limit)).await,
        }
    }

    /// The oldest first, behind a position in the list.
    pub(crate) async fn after(&self, from: Cursor, limit: u32) -> Result<Vec<Stored>, Failure> {
        match self {
            Self::Simulated(tables) => {
                self.repeat(Access::Read, || tables.after(from, limit)).await
            }
            _ => self.run(Access::Read, self.dialect().after(from, limit)).await,
        }
    }

    /// Inserts these letters; all of them or none.
    pub(crate) async fn insert_letters(&self, letters: &[&DeadLetter]) -> Result<(), Failure> {
        match self {
            Self::Simulated(tables) => {
                self.repeat(Access::Write, || tables.insert_letters(letters)).await
            }
            _ => {
                let sql = letters::insert(self.dialect(), letters);
                self.run::<()>(Access::Write, sql).await.map(drop)
            }
        }
    }

    /// Which of these letters are kept: when each was set aside, and how it stands.
    pub(crate) async fn kept(
        &self,
        ids: Vec<LetterId>,
    ) -> Result<HashMap<LetterId, (CreatedAt, State)>, Error> {
        match self {
            Self::Simulated(tables) => {
                let kept = self.repeat(Access::Read, || tables.kept(&ids)).await?;
                Ok(kept.into_iter().collect())
            }
            _ => letters::kept(self, ids.into_iter()).await,
        }
    }

    /// Whether it answers.
    pub(crate) async fn ping(&self) -> Result<(), Failure> {
        match self {
            Self::Simulated(tables) => tables.ping().await,
            _ => self.run::<()>(Access::Read, "SELECT 1 LIMIT 0".to_owned()).await.map(drop),
        }
    }
}
