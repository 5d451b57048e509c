//! Dead letters as they stand in the table, and what operators have done about them.

mod action;
mod group;
mod ids;
mod letter;
mod pattern;
mod step;
mod view;
mod who;

pub use action::Action;
pub use group::LetterGroup;
pub use ids::{ActionId, BatchId, LetterId};
pub use letter::{DeadLetter, Properties};
pub use step::{State, Step};
pub use view::{ActionView, BodyView, LetterView};
pub use who::{Who, WrongWho};
