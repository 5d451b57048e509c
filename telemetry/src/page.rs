//! The page that lists the metrics.

use crate::family::Family;
use crate::render::families;

const HEAD: &str = "# Metrics

<!-- made by `cargo xtask generate` from telemetry/src/metrics.rs -->

Every process answers `/metrics` with OpenMetrics text: a gateway, and `spymission` with every role in
one process, at `--listen`; a worker at `--status`. The names follow the OpenTelemetry semantic
conventions 1.43.0 for HTTP, messaging and databases, as Prometheus writes them; what those do not name
begins with `spymission_`. A destination is `{exchange}:{routing key}`, with the queue behind it where
messages are delivered; what differs from process to process is in braces. Every label has a closed set
of values. `messaging_system` and `db_system_name` are left out: a process has one of each. A role that never ran in a process is left out, and so are histograms and destinations
without a value.

| Metric | Type | Labels | Meaning |
|---|---|---|---|
";

/// The page that lists the metrics, as Markdown.
pub fn page() -> String {
    let rows: String = families().map(|family| row(&family)).collect();
    format!("{HEAD}{rows}")
}

fn row(family: &Family) -> String {
    let role = family.by_role.then_some("role");
    let labels: Vec<_> =
        role.iter().chain(family.labels).map(|label| format!("`{label}`")).collect();
    let name = match family.series().as_slice() {
        [name] => name.clone(),
        _ => family.name(),
    };
    let (kind, help) = (family.kind.name(), family.help());
    format!("| `{name}` | {kind} | {} | {help} |\n", labels.join(", "))
}
