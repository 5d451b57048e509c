//! What a message carries beside its body: only the properties that the contract names.

use schemas::{ActionId, MessageType, Stamps};

use super::label::Label;

/// A question that was returned this often is a suspect.
const SUSPECT: u32 = 2;

/// The properties of a message that are read and passed on. A client's other headers are not:
/// `CC` and `BCC` among them would route copies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Envelope {
    /// AMQP `message_id`.
    pub message_id: Option<String>,
    /// AMQP `reply_to`: the return address.
    pub reply_to: Option<String>,
    /// AMQP `correlation_id`: matches a reply to its question.
    pub correlation_id: Option<String>,
    /// AMQP `type`. An unknown word is dropped.
    pub kind: Option<MessageType>,
    /// AMQP `app_id`: the instance that wrote the message.
    pub app_id: Option<String>,
    /// AMQP `expiration`: milliseconds that the message may wait in a queue.
    pub expiration: Option<String>,
    /// AMQP `content_encoding`: the coding of the body. Our own messages have none.
    pub content_encoding: Option<String>,
    /// AMQP `timestamp`: when the message was first published, in Unix seconds.
    pub timestamp: Option<u64>,
    /// Header `traceparent` (W3C Trace Context).
    pub traceparent: Option<String>,
    /// Header `tracestate` (W3C Trace Context).
    pub tracestate: Option<String>,
    /// Header `links`: the `traceparent`s of further callers whose missions are in this message,
    /// with a comma between two.
    pub links: Option<String>,
    /// Header `deadline`.
    pub deadline: Option<Deadline>,
    /// Header `tries`: how often a question about this message was returned, because a process that
    /// had it did not answer.
    pub tries: u32,
    /// Header `attempt`: which publication of a question this is. 0 is written as no header, and
    /// means the first, as 1 does.
    pub attempt: u32,
    /// Headers `copy_to` and `copy_correlation_id`: who else gets the reply to a question.
    pub copy_to: Option<CopyTo>,
    /// Header `stamps`: who has worked on what this message answers. One that cannot be read is none.
    pub stamps: Stamps,
    /// Header `replay`: which replay of a dead letter published this request.
    pub replay: Option<ActionId>,
    /// Headers `id`, `reason`, `role`, `tries`, `first_at`, `last_at` of a dead letter.
    pub label: Option<Label>,
}

/// Who gets a copy of the reply to a question: the caller for whom it is asked. So the caller need not
/// wait until the requester passes the reply on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyTo {
    /// The caller's reply queue, behind the reply exchange.
    pub address: String,
    /// The caller's own correlation id.
    pub correlation_id: Option<String>,
}

/// Until when a reply is of use to its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deadline {
    /// Unix time in milliseconds.
    At(i64),
    /// The header holds no whole number.
    Unreadable,
}

impl Envelope {
    /// Whether the question may be what kills those who have it: it was returned twice.
    pub(crate) fn is_suspect(&self) -> bool {
        self.tries >= SUSPECT
    }

    /// The span that sent it, if its `traceparent` can be read.
    pub fn context(&self) -> Option<traces::Context> {
        traces::Context::parse(self.traceparent.as_deref()?)
    }

    /// The id of the trace that it belongs to, for logs.
    pub fn trace_id(&self) -> Option<&str> {
        self.traceparent.as_deref()?.split('-').nth(1)
    }

    /// The properties of a question about this message: its id and its trace. The requester sets its
    /// own return address and correlation id.
    #[must_use]
    pub fn onward(&self) -> Self {
        Self {
            message_id: self.message_id.clone(),
            tries: self.tries,
            traceparent: self.traceparent.clone(),
            tracestate: self.tracestate.clone(),
            links: self.links.clone(),
            ..Self::default()
        }
    }

    /// The properties of a reply of this type to this message.
    #[must_use]
    pub fn reply(&self, kind: MessageType) -> Self {
        Self {
            correlation_id: self.correlation_id.clone(),
            kind: Some(kind),
            traceparent: self.traceparent.clone(),
            tracestate: self.tracestate.clone(),
            ..Self::default()
        }
    }
}
