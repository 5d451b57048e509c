//! The stages, each of one role alone.

mod decide;
mod draw;
mod gateway;
mod persist;
mod round;
mod whole;

pub use round::{Count, Round};

/// A stage of a mission's way.
pub struct Stage {
    /// Its name in the baseline.
    pub name: &'static str,
    /// Starts it.
    pub start: fn() -> Round,
}

/// The stages, in the order of a mission's way. A list has [`LIST`](crate::LIST) missions.
pub const STAGES: [Stage; 5] = [
    Stage { name: "POST to publish", start: gateway::post_to_publish },
    Stage { name: "serve the parts of a list", start: draw::parts_of_a_list },
    Stage { name: "decide a list", start: decide::a_list },
    Stage { name: "persist a list", start: persist::a_list },
    Stage { name: "reply to response", start: gateway::reply_to_response },
];

/// The whole way, through every role.
pub const WHOLE: [Stage; 2] = [
    Stage { name: "every role, a mission alone", start: whole::alone },
    Stage { name: "every role, a list", start: whole::list },
];
