//! The exchanges and queues, and which role reads and writes them. A name is written here or in
//! the declaration of its part, and nowhere else.

mod rights;
mod role;
mod table;

pub use rights::{DEFAULT_EXCHANGE, Login, Names, Rights};
pub use role::{Duties, Role};
pub use table::*;
