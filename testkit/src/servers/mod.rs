//! Test servers: RabbitMQ and MariaDB nodes, and parts of those that `cargo xtask test` starts.
//!
//! A test that only talks takes a [`vhost`] and a [`database`] of the shared nodes; a test that kills,
//! pauses or restarts a server starts its own [`Rabbit`] or [`MariaDb`].

mod authority;
mod database;
mod disk;
mod epmd;
mod http;
mod mariadb;
mod port;
mod prometheus;
mod rabbit;
mod rabbit_cluster;
mod rabbit_files;
mod replication;
mod shared;
mod shipped;
mod sql;
mod vhost;

pub use authority::certify;
pub use database::{Database, database, mysql_url};
pub use http::{Reply, call};
pub use mariadb::MariaDb;
pub use port::Port;
pub use prometheus::Prometheus;
pub use rabbit::Rabbit;
pub use rabbit_cluster::{Members, RabbitCluster};
pub use replication::Replication;
pub use shared::{AMQP, Error, MANAGEMENT, MYSQL, RABBITMQ};
pub use vhost::{QueueInfo, Vhost, vhost};
