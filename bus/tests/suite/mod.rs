//! What holds on RabbitMQ and on its in-process twin alike. Each fact is given a broker that
//! nobody else uses.

pub(crate) mod batches;
pub(crate) mod copies;
pub(crate) mod dead_letter;
pub(crate) mod events;
pub(crate) mod publish;
pub(crate) mod replies;
pub(crate) mod requester;
pub(crate) mod requests;
pub(crate) mod responder;
mod responders;
mod session;
pub(crate) mod settle;
