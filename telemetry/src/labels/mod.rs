//! The labels. Each has a closed set of values, so that no caller can make a process count more
//! and more series.

mod destination;
mod http;

use schemas::{ProblemKind, Role};

use crate::label::{Label, labels};

pub use destination::Destination;
pub use http::{Method, Route, Status};

labels! {
    /// What became of a message that was published.
    Outcome = "outcome" {
        /// A transient message was handed to the connection.
        Sent = "sent",
        /// The broker has confirmed that it has a durable message.
        Confirmed = "confirmed",
        /// The broker refused it: the queue is full.
        Refused = "refused",
        /// No queue took it.
        Unroutable = "unroutable",
        /// The connection failed under it, or no confirm came in time.
        Failed = "failed",
    }

    /// What a client of the broker did.
    Operation = "messaging_operation_name" {
        /// Published a durable message and waited for the confirm.
        Publish = "publish",
    }

    /// What became of a message that a role took.
    Handled = "outcome" {
        /// What it asks for was done.
        Done = "done",
        /// It was bad input.
        Refused = "refused",
        /// It became a dead letter.
        SetAside = "set_aside",
        /// One request for each of its missions took its place.
        Split = "split",
        /// A copy of it went back to the queue.
        HandedBack = "handed_back",
        /// It waits beside the work until a full queue has room.
        Waits = "waits",
        /// It was delivered before, and went back to whoever asked.
        Returned = "returned",
        /// It could not be read, or had no return address of ours.
        Dropped = "dropped",
    }

    /// A step of the work of a role.
    Step = "step" {
        /// Gateway: from the arrival of a caller until its request is published.
        Queued = "queued",
        /// Gateway: from publishing a request until its missions are stored and the reply is here.
        Reply = "reply",
        /// Decider: from asking for parts until all have come.
        Parts = "parts",
        /// Decider: from sending decisions until they are stored.
        Store = "store",
    }

    /// Which ask of a question it was.
    Ask = "ask" {
        /// The first.
        First = "first",
        /// Repeated, because no reply came in time.
        Overdue = "overdue",
        /// Repeated at once, because a process had it before and did not reply.
        Returned = "returned",
    }

    /// Why a reply was dropped.
    Why = "reason" {
        /// Nobody waits for it. Some of these are normal, because a repeated question may be
        /// replied to twice.
        Late = "late",
        /// It cannot be read, or does not fit the question.
        Malformed = "malformed",
        /// More replies came than could be read or sent in time.
        TooMany = "too_many",
        /// No queue has its address: whoever asked has gone, or gave a wrong one.
        Unroutable = "unroutable",
        /// The connection failed under it, or there was none.
        Failed = "failed",
    }

    /// What ended a session.
    FaultKind = "reason" {
        /// The broker did not answer in time.
        Timeout = "timeout",
        /// The broker refused, or the connection failed.
        Broker = "broker",
        /// The broker ended a consumer.
        Cancelled = "cancelled",
        /// An acknowledgement came after its channel was closed.
        StaleAck = "stale_ack",
        /// The topology cannot do what it should.
        Topology = "topology",
    }

    /// Where the callers of a gateway wait.
    Callers = "state" {
        /// Their requests are not published yet.
        Queued = "queued",
        /// Their requests are published; the missions are not stored yet.
        Published = "published",
    }

    /// What became of an event.
    Event = "outcome" {
        /// It waits to be published, or was.
        Published = "published",
        /// Too many waited already.
        Dropped = "dropped",
    }

    /// What a statement does.
    Statement = "db_operation_name" {
        /// Reads rows.
        Read = "SELECT",
        /// Writes rows, and commits them.
        Write = "INSERT",
    }

    /// Why a statement did not succeed.
    Refusal = "reason" {
        /// The database is away, has no room, or does not write.
        Unavailable = "unavailable",
        /// It lost to a rival, or with its connection; it is repeated.
        Again = "again",
        /// An id has a row already. This is normal after a crash.
        Duplicate = "duplicate",
        /// The values of some row are refused.
        Row = "row",
        /// The schema or the rights do not fit.
        Configuration = "configuration",
    }
}

impl Refusal {
    /// Whether it is the database that cannot do it, and not the statement that is wrong.
    pub fn is_of_the_database(self) -> bool {
        match self {
            Self::Unavailable | Self::Again | Self::Configuration => true,
            Self::Duplicate | Self::Row => false,
        }
    }
}

impl Label for Role {
    const NAME: &'static str = "role";
    const ALL: &'static [Self] = &Self::ALL;

    fn index(self) -> usize {
        Self::index(self)
    }

    fn value(self) -> &'static str {
        self.name()
    }
}

impl Label for ProblemKind {
    const NAME: &'static str = "reason";
    const ALL: &'static [Self] = &Self::ALL;

    fn index(self) -> usize {
        self as usize
    }

    fn value(self) -> &'static str {
        self.word()
    }
}

#[cfg(test)]
mod tests;
