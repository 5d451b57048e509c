//! Where the servers are, and which rules apply.

use std::path::PathBuf;

use clap::Args;

/// Where the broker is.
#[derive(Debug, Clone, Args)]
pub(crate) struct Broker {
    /// The broker: amqp(s)://user:password@host:5672/vhost (a cluster: host:5672,host:5672,…), or
    /// memory: (only with `up`, its default)
    #[arg(long, env = "SPYMISSION_BROKER", hide_env_values = true, value_name = "URL")]
    pub(crate) broker: Option<String>,
    /// A file with the URL of the broker, instead of --broker; it is read again for each
    /// connection
    #[arg(long, env = "SPYMISSION_BROKER_FILE", value_name = "FILE", conflicts_with = "broker")]
    pub(crate) broker_file: Option<PathBuf>,
    /// An authority that is trusted besides those of the machine (PEM), as ssl-ca in the URL: for
    /// amqps://
    #[arg(long, env = "SPYMISSION_BROKER_CA", value_name = "FILE")]
    pub(crate) broker_ca: Option<PathBuf>,
}

/// Where the missions are stored.
#[derive(Debug, Clone, Args)]
pub(crate) struct Database {
    /// The database: mysql://user:password@host:3306/db or sqlite:FILE (default of `up`, `missions`
    /// and `check`: sqlite:spymission.db)
    #[arg(long, env = "SPYMISSION_DATABASE", hide_env_values = true, value_name = "URL")]
    pub(crate) database: Option<String>,
    /// A file with the URL of the database, instead of --database
    #[arg(
        long,
        env = "SPYMISSION_DATABASE_FILE",
        value_name = "FILE",
        conflicts_with = "database"
    )]
    pub(crate) database_file: Option<PathBuf>,
    /// The authority of the database (PEM), as ssl-ca in the URL; the server has to prove that it is
    /// the host of the URL (any host with ssl-mode=VERIFY_CA)
    #[arg(long, env = "SPYMISSION_DATABASE_CA", value_name = "FILE")]
    pub(crate) database_ca: Option<PathBuf>,
}

/// RabbitMQ's management HTTP API.
#[derive(Debug, Args)]
pub(crate) struct Management {
    /// RabbitMQ's management HTTP API: http(s)://user:password@host:15672
    #[arg(long, env = "SPYMISSION_MANAGEMENT", hide_env_values = true, value_name = "URL")]
    pub(crate) management: Option<String>,
    /// A file with that URL, instead of --management
    #[arg(
        long,
        env = "SPYMISSION_MANAGEMENT_FILE",
        value_name = "FILE",
        conflicts_with = "management"
    )]
    pub(crate) management_file: Option<PathBuf>,
}

/// The rules of a mission.
#[derive(Debug, Args)]
pub(crate) struct Rules {
    /// A casebook of your own (TOML), instead of the built-in `malory`
    #[arg(long, env = "SPYMISSION_CASEBOOK", value_name = "FILE")]
    pub(crate) casebook: Option<PathBuf>,
}
