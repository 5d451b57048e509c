//! The metrics of this process.

use schemas::Role;

use crate::metrics::{ProcessMetrics, RoleMetrics};

static PROCESS: ProcessMetrics = ProcessMetrics::new();
static ROLES: [RoleMetrics; Role::ALL.len()] = [const { RoleMetrics::new() }; Role::ALL.len()];

/// The metrics of this process that belong to no role.
pub fn process() -> &'static ProcessMetrics {
    &PROCESS
}

/// The metrics of a role. Keep the reference where it is used often.
#[expect(clippy::indexing_slicing, reason = "the index of a role is below their number")]
pub fn of(role: Role) -> &'static RoleMetrics {
    &ROLES[role.index()]
}
