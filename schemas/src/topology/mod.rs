//! The exchanges and queues, and which role reads and writes them. Their names are declared here and
//! in the declarations of the parts.

mod arguments;
mod rights;
mod role;
mod table;

pub use arguments::{Argument, LIMITS, queues};
pub use rights::{DEFAULT_EXCHANGE, Login, Names, Rights};
pub use role::{Duties, Role};
pub use table::*;
