//! What a simulation decides about the messages of its broker.

use std::time::Duration;

use crate::Envelope;

/// A message that is being published.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// The process that sends it.
    pub process: &'a str,
    /// The name of its connection.
    pub link: &'a str,
    /// The exchange; `""` is the default one.
    pub exchange: &'a str,
    /// The routing key.
    pub key: &'a str,
    /// Its properties.
    pub envelope: &'a Envelope,
    /// Its body.
    pub body: &'a [u8],
}

/// What becomes of a message whose publisher waits for the confirm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durable {
    /// It is stored and confirmed.
    Stored,
    /// A queue is full.
    Refused,
    /// The connection is lost before the broker has it.
    Lost,
    /// It is stored, and the connection is lost before the confirm.
    Unconfirmed,
}

/// What a simulation decides, and what it is told. Calls come from inside of tasks: they do not wait.
pub trait Plan: Send + Sync {
    /// A transient message is sent: after how long each of its copies arrives; none, if it is lost.
    fn transient(&self, message: Message<'_>) -> Vec<Duration>;
    /// A durable message is published.
    fn durable(&self, message: Message<'_>) -> Durable;
    /// How long the next call takes.
    fn latency(&self) -> Duration;
    /// A message was delivered to a process; before that it was so often delivered in vain.
    fn delivered(&self, process: &str, queue: &str, envelope: &Envelope, earlier: u32);
    /// A delivery was acknowledged, or returned to its queue.
    fn settled(&self, process: &str, queue: &str, acknowledged: bool);
}
