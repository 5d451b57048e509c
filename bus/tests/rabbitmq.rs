//! What only RabbitMQ can be asked: its topology, its operators, its direct replies.
#![expect(clippy::unwrap_used, clippy::panic, reason = "test code, and the helpers of tests")]

mod support {
    pub(crate) mod announcer;
    pub(crate) mod client;
    pub(crate) mod node;
    mod outage;
    pub(crate) mod poll;
    pub(crate) mod raw;
    pub(crate) mod responders;
    pub(crate) mod time;
}
mod on_rabbitmq {
    mod differences;
    mod events;
    mod healing;
    mod messages;
    mod nodes;
    mod replies;
    mod rights;
    mod sessions;
    mod topology;
}
