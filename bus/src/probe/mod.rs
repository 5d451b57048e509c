//! Questions about a broker that only `spymission check` and `topology` ask.

mod compare;
mod greeting;
mod rights;

pub use compare::{Comparison, compare};
pub use greeting::{Greeting, Unreached, greet, greet_each};
pub use rights::{Right, Rights, lacking};
