//! The in-process twin of RabbitMQ: the same topology table, the same rules, as long as the
//! process lives. It never takes what the server would refuse.

mod broker;
mod connection;
mod consumer;
mod disturb;
mod link;
mod plan;
mod publisher;
mod queue;
mod server;

pub(crate) use broker::Broker;
pub(crate) use consumer::{Consumer, Settler};
pub use disturb::Disturb;
pub(crate) use link::Link;
pub use plan::{Durable, Message, Plan};
pub(crate) use publisher::Publisher;
