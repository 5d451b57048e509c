//! What all test servers share: their settings and errors.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::io;
use std::path::Path;

/// The shared RabbitMQ node, as `amqp://user:password@host:port`.
pub const AMQP: &str = "SPYMISSION_TEST_AMQP";
/// The management HTTP API of the shared RabbitMQ node, as `http://host:port`.
pub const MANAGEMENT: &str = "SPYMISSION_TEST_RABBIT_MANAGEMENT";
/// Another RabbitMQ than the installed one: the path of its `rabbitmq-server`, with `rabbitmqctl` in
/// the same folder. All nodes, shared or not, then run it.
pub const RABBITMQ: &str = "SPYMISSION_TEST_RABBITMQ";
/// The shared MariaDB node, as `mysql://root@host:port/`.
pub const MYSQL: &str = "SPYMISSION_TEST_MYSQL";

/// A test server that could not be started or did not answer.
#[derive(Debug)]
pub enum Error {
    /// The program is not installed.
    Missing(&'static str),
    /// The server ended or did not answer; with the end of its log.
    Silent {
        /// Which server.
        server: &'static str,
        /// The last lines of its log.
        log: String,
    },
    /// No port was free.
    NoPort,
    /// A file or process operation failed.
    Io(io::Error),
    /// A statement or an API call was refused; with the answer.
    Refused(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(program) => write!(f, "{program} is not installed"),
            Self::Silent { server, log } => write!(f, "{server} did not come up:\n{log}"),
            Self::NoPort => f.write_str("no free port below 32768"),
            Self::Io(error) => error.fmt(f),
            Self::Refused(answer) => write!(f, "refused: {answer}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The address of a shared node. Without it the test fails and names the command that starts the node.
pub(super) fn setting(name: &str) -> String {
    let package = std::env::var("CARGO_PKG_NAME").unwrap_or_default(); // cargo sets it for each test
    std::env::var(name).unwrap_or_else(|_| panic!("{}", hint(name, &package)))
}

fn hint(name: &str, package: &str) -> String {
    let only = if package.is_empty() { String::new() } else { format!(" -- -p {package}") };
    format!(
        "{name} is not set: `cargo xtask test --no-lint{only}` starts the servers and the tests"
    )
}

/// Sixteen hexadecimal digits for names; the standard library's hasher keys are the randomness.
pub(super) fn random() -> u64 {
    RandomState::new().hash_one(0)
}

/// The last lines of a log, for error messages.
pub(super) fn tail(log: &Path) -> String {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines.get(lines.len().saturating_sub(15)..).unwrap_or_default().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_without_servers_names_the_command_that_starts_them_in_one_line() {
        let hint = hint(MYSQL, "store");
        assert!(hint.contains("`cargo xtask test --no-lint -- -p store`") && !hint.contains('\n'));
    }
}
