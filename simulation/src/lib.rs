//! The whole system on one thread, under a seed.
//!
//! Gateways, deciders, workers, persisters and the drain of dead letters run as they are, under paused
//! time. Their broker and their table are simulated: they lose, double, delay, refuse, forget and
//! restart what real ones may. A [`Schedule`] is made from a seed: what callers ask for, and what goes
//! wrong. [`run`] carries it out and judges it; [`campaign`] does that for many; [`shrink`] makes a
//! schedule that fails small.

mod after;
mod asks;
mod breach;
mod callers;
mod campaign;
mod disturbing;
mod fault;
mod foreign;
mod judge;
mod listener;
mod mutants;
mod request;
mod rows;
mod run;
mod schedule;
mod shrink;
mod system;
mod time;
mod told;
mod world;

pub use breach::{Breach, INVARIANTS};
pub use campaign::{Summary, campaign};
pub use fault::{Fault, Kind, Rate};
pub use mutants::{Found, find, table};
pub use request::{Amqp, How, Http, Planned};
pub use run::{BOUND, Outcome, run};
pub use schedule::Schedule;
pub use shrink::shrink;
