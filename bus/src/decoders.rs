//! The decoder of what a client sends, by itself: for fuzzing.

use lapin::protocol::basic::parse_properties;

use crate::Envelope;
use crate::amqp::properties::{delivery_count, read, write};

/// What was read from the properties of a message.
#[derive(Debug)]
pub struct Properties {
    /// The properties that we know.
    pub envelope: Envelope,
    /// The same after they were written and read again.
    pub again: Envelope,
    /// The count of deliveries, if this is the first one.
    pub first: u32,
    /// The count of deliveries, if the message was delivered before.
    pub later: u32,
}

/// Reads properties from the bytes of AMQP; `None` if they are no properties.
pub fn properties(bytes: &[u8]) -> Option<Properties> {
    let (_, properties) = parse_properties(bytes).ok()?;
    let envelope = read(&properties);
    let again = read(&write(&envelope, true));
    let count = |redelivered| delivery_count(&properties, redelivered);
    Some(Properties { again, first: count(false), later: count(true), envelope })
}
