//! A decider on the in-process broker, under paused time: what it does when queues are full, when
//! workers or persisters are silent, and when it meets a defect.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod full_queues;
mod groups;
mod panics;
mod poison;
mod replicas;
mod silence;
mod stamps;
mod system;
