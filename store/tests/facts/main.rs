//! What the store promises, each fact on SQLite and on MariaDB.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod away;
mod database;
mod faults;
mod letters;
mod pages;
mod pruning;
mod reading;
mod schema;
mod searches;
mod storing;
mod totals;

/// Makes two tests of each fact, an `async fn(Arc<Database>)`: one with each database.
macro_rules! facts {
    ($($fact:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $fact() { crate::database::on_sqlite(super::$fact).await })*
        }
        mod mysql {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $fact() { crate::database::on_mysql(super::$fact).await })*
        }
    };
}
pub(crate) use facts;
