//! What a mission costs, counted: counts are the same on every machine, so they guard what a clock
//! cannot.
//!
//! A [stage](STAGES) is one role alone, between queues of the in-process broker that the other side
//! fills and empties while the role does not run. The [whole way](WHOLE) is every role. Both are on one
//! thread; SQLite has a thread of its own, which does not count.
//!
//! Two binaries count: `costs-allocations` in a debug build, as a test does it, and
//! `costs-instructions` under valgrind in a release build. `baseline.json` has the committed counts.
#![expect(clippy::expect_used, reason = "a measurement that goes wrong has nothing better to do")]

mod caller;
mod database;
mod messages;
mod other_side;
mod roles;
mod stages;

pub use messages::published;
pub use stages::{Count, Round, STAGES, Stage, WHOLE};

/// Missions of a list.
pub const LIST: usize = 100;
