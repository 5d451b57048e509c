//! Logs: for people on a terminal, JSON elsewhere; on standard error either way.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// lapin's own error lines repeat what the supervisor says.
const DEFAULT: &str = "info,lapin=off,sqlx=warn";

/// Begins to log; `SPYMISSION_LOG` chooses how much, in the language of `tracing`'s `EnvFilter`.
pub(crate) fn begin() {
    let chosen = std::env::var("SPYMISSION_LOG").unwrap_or_default();
    let filter = EnvFilter::builder().parse_lossy(format!("{DEFAULT},{chosen}"));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        logs.with_target(false).init();
    } else {
        logs.json().flatten_event(true).with_ansi(false).init();
    }
}
