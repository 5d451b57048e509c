//! The servers all tests of a run share.

use std::thread;

use tempfile::TempDir;
use testkit::servers::{AMQP, Error, MANAGEMENT, MYSQL, MariaDb, Rabbit};

/// One RabbitMQ and one MariaDB node.
pub(super) struct Servers {
    rabbit: Rabbit,
    mariadb: MariaDb,
    /// The tests' temporary directory: what a killed test leaves behind goes with it.
    scratch: TempDir,
}

impl Servers {
    /// Starts both at once.
    pub(super) fn start() -> Result<Self, Error> {
        let scratch = TempDir::with_prefix("spymission-")?;
        let (rabbit, mariadb) = thread::scope(|scope| {
            let rabbit = scope.spawn(Rabbit::start);
            let mariadb = MariaDb::start();
            (rabbit.join(), mariadb)
        });
        let rabbit = rabbit.map_err(|_| Error::Refused("the start of RabbitMQ panicked".into()))?;
        Ok(Self { rabbit: rabbit?, mariadb: mariadb?, scratch })
    }

    /// What tells the tests where they are.
    pub(super) fn environment(&self) -> [(&'static str, String); 4] {
        [
            (AMQP, self.rabbit.amqp_url("")),
            (MANAGEMENT, self.rabbit.management_url()),
            (MYSQL, self.mariadb.url("")),
            ("TMPDIR", self.scratch.path().display().to_string()),
        ]
    }
}
