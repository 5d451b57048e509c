//! What a process counts and measures, and how it shows it.
//!
//! [`metrics`](crate::process) are declared once, in `metrics.rs`. Recording is one or two relaxed
//! atomic additions: no lock, no allocation, no formatting. [`of`] has the metrics of a role,
//! [`process`] those that belong to no role. [`text`] writes them as OpenMetrics text, and
//! [`families`] describes them for documentation and for the checks of dashboards and alerts.
//!
//! Names follow the OpenTelemetry semantic conventions 1.43.0 for HTTP, messaging and databases, as
//! Prometheus writes them. What those do not name begins with `spymission_`.

mod by;
mod counter;
mod family;
mod histogram;
mod labels;
mod metric;
mod metrics;
mod oldest;
mod page;
mod render;
mod session;

use schemas::Role;

pub use by::By;
pub use counter::{Counter, Gauge, Held};
pub use family::{Family, Kind};
pub use histogram::{Histogram, Missions, Scale, Seconds, Snapshot};
pub use labels::{
    Ask, Callers, Destination, Event, FaultKind, Handled, Label, Labels, Method, Operation,
    Outcome, Refusal, Route, Statement, Status, Step, Why,
};
pub use metrics::{ProcessMetrics, RoleMetrics};
pub use oldest::{Begun, Oldest};
pub use page::page;
pub use render::{CONTENT_TYPE, families, text};

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
