//! A message as it was delivered, and its tag.

use bytes::Bytes;

use super::envelope::Envelope;

/// A message as it was delivered.
#[derive(Debug)]
pub struct Delivery {
    /// The body.
    pub body: Bytes,
    /// The named properties.
    pub envelope: Envelope,
    /// How often it was delivered before.
    pub earlier: u32,
    /// The tag that acknowledges it, on the consumer that delivered it.
    pub tag: Tag,
}

/// Names a delivery of one consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub(crate) u64);
