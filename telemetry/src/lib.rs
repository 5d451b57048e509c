//! What a process counts and measures, and how it shows it.
//!
//! Metrics are declared once, in `metrics.rs`. Recording is one or two relaxed
//! atomic additions: no lock, no allocation, no formatting. [`of`] has the metrics of a role,
//! [`process()`] those that belong to no role. [`text`] writes them as OpenMetrics text, and
//! [`families`] describes them for documentation and for the checks of dashboards and alerts.
//!
//! Names follow the OpenTelemetry semantic conventions 1.43.0 for HTTP, messaging and databases, as
//! Prometheus writes them. What those do not name begins with `spymission_`.

mod by;
mod counter;
mod family;
mod histogram;
mod kind;
mod label;
mod labels;
mod metric;
mod metrics;
mod oldest;
mod page;
mod process;
mod render;
mod session;

pub use by::By;
pub use counter::{Counter, Gauge, Held};
pub use family::Family;
pub use histogram::{Histogram, Missions, Scale, Seconds, Snapshot};
pub use kind::Kind;
pub use label::{Label, Labels};
pub use labels::{
    Ask, Callers, Destination, Event, FaultKind, Handled, Method, Operation, Outcome, Refusal,
    Route, Statement, Status, Step, Why,
};
pub use metrics::{ProcessMetrics, RoleMetrics};
pub use oldest::{Begun, Oldest};
pub use page::page;
pub use process::{of, process};
pub use render::{CONTENT_TYPE, families, text};
