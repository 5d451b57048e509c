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

mod another;
mod caller;
mod http;
mod judge;
mod otlp;
mod process;
mod rows;
mod rules;
mod stream;
mod system;
mod table;
mod tap;

mod alarms;
mod amqp_callers;
mod answers;
mod asking;
mod bad_amqp;
mod bad_http;
mod chaos;
mod clients;
mod clocks;
mod command;
mod conformance;
mod contract;
mod crashes;
mod documents;
mod drills;
mod edge;
mod events;
mod failed;
mod frozen;
mod greedy;
mod healing;
mod impostors;
mod keys;
mod letters;
mod load;
mod logs;
mod operations;
mod operators;
mod outages;
mod overload;
mod pages;
mod poison;
mod preferences;
mod redelivery;
mod request;
mod return_addresses;
mod scale;
mod scrapes;
mod traces;
mod waiting;
mod watch;
mod wire;
