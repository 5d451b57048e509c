//! The system from outside: real processes, a real RabbitMQ and a real MariaDB, or everything
//! embedded in one process. Every test is a fact with a name, and has its own virtual host and
//! database.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a test that cannot go on has nothing better to do than to say so and end"
)]

mod agents;
mod caller;
mod ground;
mod http;
mod rows;
mod rules;
mod table;

mod alarms;
mod amqp_callers;
mod asking;
mod bad_amqp;
mod bad_http;
mod command;
mod crashes;
mod impostors;
mod load;
mod outages;
mod pages;
mod poison;
mod redelivery;
mod return_addresses;
mod waiting;
