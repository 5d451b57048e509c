//! Dead letters as they stand in the table, and what operators have done about them.

mod action;
mod ids;
mod letter;
mod pattern;
mod view;

pub use action::{Action, State, Step, Who, WrongWho};
pub use ids::{ActionId, LetterId};
pub use letter::{DeadLetter, Properties};
pub use view::{ActionView, BodyView, LetterView};
