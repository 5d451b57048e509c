//! An invariant that does not hold.

/// The invariants that a run judges.
pub const INVARIANTS: [&str; 14] = [
    "I1 no loss",
    "I2 uniqueness",
    "I3 no ghost",
    "I4 truth of reply",
    "I5 commit before say",
    "I6 no crossing",
    "I7 join soundness",
    "I8 immutability",
    "I9 failures are failures",
    "I10 conservation",
    "I11 bounded tries",
    "I13 liveness",
    "I14 idempotent replay",
    "I15 authority",
];

/// An invariant that does not hold, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// Which one.
    pub invariant: &'static str,
    /// What was seen.
    pub what: String,
}
