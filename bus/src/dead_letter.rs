//! Dead letters: what is set aside, and why.

use schemas::{ProblemKind, topology};

use crate::{Confirmed, ConfirmedPublisher, Envelope, Fault};

/// What a dead letter says about itself, in its headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Why it was set aside: the word of a [`ProblemKind`], then what exactly.
    pub reason: String,
    /// Which role did it.
    pub role: String,
    /// How often it had been delivered.
    pub tries: u32,
    /// When it was first published, in Unix seconds; 0 when nobody knows.
    pub first_at: u64,
}

/// The longest reason that is carried, in characters.
const LONGEST_REASON: usize = 512;

impl Label {
    /// A label; the reason is cut at 512 characters.
    pub fn new(kind: ProblemKind, detail: &str, role: &str, tries: u32, first_at: u64) -> Self {
        let reason = format!("{}: {detail}", kind.word()).chars().take(LONGEST_REASON).collect();
        Self { reason, role: role.to_owned(), tries, first_at }
    }
}

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
