//! The logins of the processes, in files that they read again for each connection.

use std::fs;
use std::path::{Path, PathBuf};

use testkit::servers::{MariaDb, Rabbit, RabbitCluster, call};

use super::line::{Line, Lines};
use crate::failure::Failure;

/// The user in RabbitMQ and in MariaDB.
pub(crate) const USER: &str = "chaos";
/// The database.
pub(crate) const DATABASE: &str = "chaos";
/// Every password begins with this, so that it is found in a log.
pub(crate) const SECRET: &str = "s3cret-";

/// Passwords and the files with the addresses.
pub(crate) struct Logins {
    dir: PathBuf,
    /// Where gateways and workers reach the broker, and everybody the database.
    places: [String; 3],
    vhost: String,
    number: u32,
}

impl Logins {
    pub(super) fn new(dir: &Path, lines: &Lines, vhost: &str) -> Self {
        let ports = [Line::GatewaysToBroker, Line::WorkersToBroker, Line::ToDatabase];
        let places = ports.map(|line| format!("127.0.0.1:{}", lines.of(line).port()));
        Self { dir: dir.to_owned(), places, vhost: vhost.to_owned(), number: 0 }
    }

    /// Has the processes reach the nodes of a cluster directly.
    pub(super) fn use_nodes(&mut self, rabbits: &RabbitCluster) {
        let [gateways, workers, _] = &mut self.places;
        (*gateways, *workers) = (rabbits.places(), rabbits.places());
    }

    /// The file with the address at this line.
    pub(crate) fn file(&self, line: Line) -> PathBuf {
        self.dir.join(match line {
            Line::GatewaysToBroker => "broker-of-gateways",
            Line::WorkersToBroker => "broker-of-workers",
            Line::ToDatabase => "database",
        })
    }

    /// A user with another password than before, with all permissions, and the files that say so.
    ///
    /// # Errors
    /// RabbitMQ refuses, or a file cannot be written.
    pub(crate) fn make_broker_user(&mut self, rabbit: &Rabbit) -> Result<(), Failure> {
        let password = self.next();
        let user = format!(r#"{{"password":"{password}","tags":""}}"#);
        manage(rabbit, "PUT", &format!("/api/users/{USER}"), &user)?;
        self.permit(rabbit)?;
        let [gateways, workers, _] = &self.places;
        for (line, places) in [(Line::GatewaysToBroker, gateways), (Line::WorkersToBroker, workers)]
        {
            let url = format!("amqp://{USER}:{password}@{places}/{}", self.vhost);
            fs::write(self.file(line), url)?;
        }
        Ok(())
    }

    /// All permissions, on both servers' usual terms.
    ///
    /// # Errors
    /// RabbitMQ refuses.
    pub(crate) fn permit(&self, rabbit: &Rabbit) -> Result<(), Failure> {
        let path = format!("/api/permissions/{}/{USER}", self.vhost);
        manage(rabbit, "PUT", &path, r#"{"configure":".*","write":".*","read":".*"}"#)
    }

    /// No permissions.
    ///
    /// # Errors
    /// RabbitMQ refuses.
    pub(crate) fn revoke(&self, rabbit: &Rabbit) -> Result<(), Failure> {
        manage(rabbit, "DELETE", &format!("/api/permissions/{}/{USER}", self.vhost), "")
    }

    /// The same for the database.
    ///
    /// # Errors
    /// MariaDB refuses, or the file cannot be written.
    pub(crate) fn make_database_user(&mut self, database: &MariaDb) -> Result<(), Failure> {
        let password = self.next();
        database.sql(&format!(
            "CREATE DATABASE IF NOT EXISTS {DATABASE}; \
             CREATE USER IF NOT EXISTS '{USER}'@'%'; \
             ALTER USER '{USER}'@'%' IDENTIFIED BY '{password}'; \
             GRANT SELECT, INSERT ON {DATABASE}.* TO '{USER}'@'%'"
        ))?;
        let [_, _, place] = &self.places;
        let url = format!("mysql://{USER}:{password}@{place}/{DATABASE}");
        Ok(fs::write(self.file(Line::ToDatabase), url)?)
    }

    fn next(&mut self) -> String {
        self.number += 1;
        format!("{SECRET}{}", self.number)
    }
}

/// A call of RabbitMQ's management API that has to succeed, or to find nothing.
///
/// # Errors
/// It is refused.
pub(crate) fn manage(rabbit: &Rabbit, method: &str, path: &str, body: &str) -> Result<(), Failure> {
    let reply = call(&rabbit.management_url(), method, path, body)?;
    let fine = reply.status < 300 || reply.status == 404;
    if fine { Ok(()) } else { Err(format!("{method} {path}: {reply:?}").into()) }
}
