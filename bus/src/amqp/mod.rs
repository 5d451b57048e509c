//! RabbitMQ through lapin.

mod binding;
mod channels;
mod consumer;
pub(crate) mod declaration;
pub(crate) mod declare;
mod depth;
pub(crate) mod difference;
mod letters;
mod limits;
mod link;
mod mend;
pub(crate) mod properties;
mod publisher;
mod readable;
mod settling;
mod socket;

pub(crate) use channels::Channels;
pub(crate) use consumer::{Consumer, Settler};
pub(crate) use link::{Carries, Link};
pub(crate) use publisher::{ConfirmedPublisher, Publisher};
