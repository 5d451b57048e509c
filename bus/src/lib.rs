//! The only crate that uses RabbitMQ, and its in-process twin.
//!
//! Three verbs, the same on both:
//! - **take** requests and settle them: [`Requests`];
//! - **ask**: publish one message and gather its replies by correlation id: [`Requester`];
//! - **respond**: reply to the questions of a queue: [`respond`].
//!
//! They are built on a few operations that RabbitMQ (`amqp:`) and the in-process broker (`memory:`)
//! both offer: consume, acknowledge, reject, publish, publish confirmed. Each role runs them in a
//! session. The first fault ends the session and drops all that it held in memory; [`supervise`]
//! begins the next one. Nothing is lost by that: a request stays with the broker until it is
//! acknowledged, and everything else is requested again.

mod address;
mod amqp;
mod broker;
mod cluster;
mod consumer;
pub mod dead_letter;
pub mod decoders;
mod depth;
mod drills;
mod dropped;
mod events;
pub mod failpoint;
mod hop;
mod link;
mod memory;
mod message;
mod nodes;
mod own_queue;
mod prefetch;
pub mod presence;
pub mod probe;
mod publisher;
mod questions;
mod replies;
mod reply_publisher;
mod requester;
mod requests;
mod responder;
mod response;
mod return_address;
mod supervise;
mod tls;
mod together;

/// What a simulation decides about its broker, and how it disturbs it.
pub mod simulated {
    pub use crate::memory::{Disturb, Durable, Message, Plan};
}

pub use address::{Address, WrongAddress};
pub use amqp::difference::{Difference, Severity};
pub use broker::Broker;
pub use consumer::{Consumer, Settler};
pub use depth::Depth;
pub use drills::Drills;
pub use dropped::Dropped;
pub use link::Link;
pub use message::{Confirmed, CopyTo, Deadline, Delivery, Envelope, Fault, Tag};
pub use nodes::Nodes;
pub use prefetch::{FEWEST_QUESTIONS, MOST_QUESTIONS, PREFETCH};
pub use presence::Presence;
pub use publisher::{ConfirmedPublisher, Publisher};
pub use replies::ForeignReplies;
pub use requester::{Copied, Reply, ReplyLoop, Requester};
pub use requests::{Requests, Taken};
pub use responder::{Replica, Responder, respond};
pub use response::{Event, Response, Statement};
pub use return_address::ReturnAddress;
pub use supervise::{Health, State, supervise};
pub use telemetry::Why;
pub use together::{Running, together};
