//! What the tests and benchmarks of every crate share: test servers and processes.
//!
//! This crate is never delivered. It is a dev-dependency of the product's crates.
#![expect(
    clippy::panic,
    clippy::expect_used,
    reason = "test code: a test without its servers has nothing better to do than to say so and end"
)]

pub mod amqplib;
pub mod costs;
pub mod drift;
pub mod process;
pub mod servers;
