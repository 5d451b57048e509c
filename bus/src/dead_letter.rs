//! Publishes dead letters: messages that are set aside, with the reason.

use schemas::topology;

pub use crate::message::Label;
use crate::{Confirmed, ConfirmedPublisher, Envelope, Fault};

/// Publishes a dead letter: the original bytes, the named properties, and the label. When it returns
/// [`Confirmed::Taken`] the original may be acknowledged.
///
/// # Errors
/// A fault: it is unknown whether the queue has it. Repeating it may make a second dead letter, which
/// tools recognise by its id.
pub async fn publish(
    publisher: &ConfirmedPublisher,
    envelope: &Envelope,
    body: &[u8],
    label: Label,
) -> Result<Confirmed, Fault> {
    // Without the expiration: a dead letter waits for its operator.
    let envelope = Envelope { label: Some(label), expiration: None, ..envelope.clone() };
    publisher.publish(topology::DEAD_LETTERS, &envelope, body).await
}
