//! Dead letters: what is set aside, and why.

use schemas::topology;

pub use crate::message::Label;
use crate::{Confirmed, ConfirmedPublisher, Envelope, Fault};

/// Publishes a dead letter: the original bytes and named properties, under the label. Once this
/// says [`Confirmed::Taken`] the original may be acknowledged.
///
/// # Errors
/// A fault: unknown whether it stands; repeating it may make a second one beside it, which tools
/// recognise by its id.
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
