//! What every page says at its end about the gateway that made it.

use std::sync::OnceLock;

use bus::Broker;
use store::Store;

/// The version of this program.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Its licences.
pub(super) const LICENCE: &str = env!("CARGO_PKG_LICENSE");
/// The commit that this program was built from, if the build was told in `SPYMISSION_COMMIT`.
pub const COMMIT: Option<&str> = option_env!("SPYMISSION_COMMIT");

/// The kinds of broker and database. A process has one gateway, which is told once.
static SERVERS: OnceLock<String> = OnceLock::new();

/// Whether callers can come over AMQP.
static AMQP: OnceLock<bool> = OnceLock::new();

/// Whether the documentation sends requests from its page.
static SENDS: OnceLock<bool> = OnceLock::new();

/// Notes the kinds of broker and database, never an address or a user, and whether the documentation
/// sends requests.
pub(crate) fn served_by(broker: &Broker, store: &Store, sends: bool) {
    let broker_is_server = broker.outlives_us();
    let broker = if broker_is_server { "RabbitMQ" } else { "the broker in this process" };
    let database = match store.system() {
        "mysql" => "MySQL or MariaDB",
        "sqlite" => "SQLite",
        other => other,
    };
    let _ = AMQP.set(broker_is_server); // the same again
    let _ = SENDS.set(sends); // the same again
    let _ = SERVERS.set(format!("{broker} and {database}")); // the same again
}

/// The kinds of broker and database, if they are known.
pub(super) fn servers() -> Option<&'static str> {
    SERVERS.get().map(String::as_str)
}

/// Whether callers can come over AMQP. Until that is known, they can.
pub(super) fn has_amqp() -> bool {
    AMQP.get().copied().unwrap_or(true)
}

/// Whether the documentation sends requests from its page. It does, until that is known.
pub(super) fn sends() -> bool {
    SENDS.get().copied().unwrap_or(true)
}
