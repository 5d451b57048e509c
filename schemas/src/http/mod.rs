//! The bodies that only HTTP has.

mod accepted;
mod count;
mod letters;
mod orders;
mod page;
mod readiness;
mod timeline;

/// The name of the server-sent event of a stored mission.
pub const MISSION_CREATED: &str = "mission.created";

pub use accepted::Accepted;
pub use count::MissionCount;
pub use letters::{BatchRecord, Begun, DeadLetters, Left, LetterGroups, LetterRecord};
pub use orders::{Correction, Meant, Order};
pub use page::{CURSOR, PAGE_CURSOR, Page};
pub use readiness::{Readiness, RepliesDropped, Status, Workers};
pub use timeline::{Attempt, Hop, Timeline};
