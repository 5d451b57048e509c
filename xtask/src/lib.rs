//! Developers' commands, and what the tests of every crate share: test servers, clients, a load generator.
//!
//! This crate never ships. It is a dev-dependency of the others and the binary behind `cargo xtask`.
#![expect(
    clippy::panic,
    clippy::expect_used,
    reason = "test code: a test without its servers has nothing better to do than to say so and end"
)]

pub mod amqplib;
pub mod load;
pub mod nodes;
pub mod process;
