//! The in-process twin of RabbitMQ: the same topology table, the same rules, as long as the
//! process lives. It never takes what the server would refuse.

mod broker;
mod consumer;
mod queue;

pub(crate) use broker::Broker;
pub(crate) use consumer::{Consumer, Settler};
