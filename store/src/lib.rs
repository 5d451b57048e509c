//! SQL for spymission: missions are stored in MySQL, MariaDB or SQLite and read from there. No other
//! crate uses SQL.
//!
//! The row is the only truth: once [`Store::store`] has answered, the mission is on the disk, and the
//! first row of each id is kept. Storing the same again is always safe.
//!
//! Every statement has a deadline (2 seconds for a connection, 3 for the answer) and runs in a task
//! of its own once it has a connection: a caller who goes away harms nobody, and one who waits for a
//! connection leaves the queue.

mod address;
mod clock;
mod cursor;
mod database;
mod deadline;
mod durability;
mod error;
mod filter;
mod insert;
mod inspect;
mod letters;
mod list;
mod look_up;
mod migrations;
mod mysql;
mod page_cursor;
mod prune;
mod queries;
mod read;
mod rows;
pub mod simulated;
mod sql;
mod sqlite;
mod statement;
mod store;
mod total;
mod unreadable;

pub use crate::address::{Address, ParseAddressError};
pub use crate::cursor::{Cursor, ParseCursorError};
pub use crate::durability::Unflushed;
pub use crate::error::{Error, Rejected};
pub use crate::filter::Filter;
pub use crate::inspect::{Inspection, Product, Server};
pub use crate::letters::{Letter, LetterCursor, LetterFilter, LetterPage, Letters, Recorded};
pub use crate::list::ListPage;
pub use crate::migrations::SchemaState;
pub use crate::page_cursor::{Direction, PageCursor};
pub use crate::read::{Found, Page};
pub use crate::store::Store;
pub use crate::total::{CasebookCount, Total};
pub use crate::unreadable::Unreadable;
