//! The only door to RabbitMQ, and its in-process twin.
//!
//! Three verbs, the same on both:
//! - **take** requests and settle them: [`Requests`];
//! - **ask**: one message out, the answers gathered by correlation id: [`Asker`];
//! - **serve** answers: [`serve`].
//!
//! They stand on a small set of moves that RabbitMQ ([`Broker::open`] with an `amqp:` address) and
//! the in-process broker (`memory:`) both know: consume, ack, reject, publish, publish confirmed.
//! Whoever uses them lives in a session: the first fault ends it, all that it held in memory is
//! dropped, and [`supervise`] begins the next one. Nothing is lost by that, because a request
//! stays with the broker until it is acknowledged, and everything else is asked for again.

mod address;
mod amqp;
mod ask;
mod broker;
mod consumer;
pub mod dead_letter;
mod dropped;
mod envelope;
pub mod failpoint;
mod fault;
mod link;
mod memory;
mod own_queue;
mod publisher;
mod reply;
mod requests;
mod serve;
mod served;
mod supervise;

pub use address::{Address, WrongAddress};
pub use ask::{Answer, Asker, ReplyLoop};
pub use broker::Broker;
pub use consumer::{Consumer, Delivery, Settler, Tag};
pub use dropped::{Dropped, Why};
pub use envelope::{Deadline, Envelope};
pub use fault::Fault;
pub use link::Link;
pub use publisher::{Confirmed, ConfirmedPublisher, Publisher};
pub use reply::{ForeignReplies, ReturnAddress};
pub use requests::{Requests, Taken};
pub use serve::{Agent, serve};
pub use served::{Event, Served};
pub use supervise::{Health, State, supervise};

pub use amqp::declare::{Comparison, Difference, Severity};
pub use amqp::greeting::{Greeting, Unreached, greet};
pub use amqp::rights::{Right, Rights};
