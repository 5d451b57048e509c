//! Logs: for people on a terminal, JSON elsewhere; on standard error either way.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

const DEFAULT: &str = "info,sqlx=warn";
/// lapin's errors repeat what the supervisor says, and its traces hold the password.
const NEVER: &str = "lapin=off";

/// Begins to log; `SPYMISSION_LOG` chooses how much, in the language of `tracing`'s `EnvFilter`.
/// Where nothing is chosen a role logs, and a tool that speaks for itself does not.
pub(crate) fn begin(role: bool) {
    let chosen = std::env::var("SPYMISSION_LOG").unwrap_or_default();
    let default = if role { DEFAULT } else { "off" };
    let filter = EnvFilter::builder().parse_lossy(format!("{default},{chosen},{NEVER}"));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        logs.with_target(false).init();
    } else {
        logs.json().flatten_event(true).with_ansi(false).init();
    }
}
