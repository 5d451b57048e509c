//! Messages as both transports know them: properties, deliveries, confirms, faults.

mod confirm;
mod delivery;
mod envelope;
mod fault;
mod label;

pub use confirm::Confirmed;
pub use delivery::{Delivery, Tag};
pub use envelope::{CopyTo, Deadline, Envelope};
pub use fault::Fault;
pub(crate) use fault::{CALL, within};
pub(crate) use label::BROKER;
pub use label::Label;
