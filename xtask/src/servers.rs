//! The servers that all tests of a run share: those of `cargo xtask test`, and of the browser's.

use std::{env, thread};

use tempfile::TempDir;
use testkit::servers::{AMQP, Error, MANAGEMENT, MYSQL, MariaDb, Rabbit};
use xtask::needs::Needs;

/// A RabbitMQ and a MariaDB node, as far as they are needed.
pub(crate) struct Servers {
    rabbit: Option<Rabbit>,
    mariadb: Option<MariaDb>,
    /// The tests' temporary directory: what a killed test leaves behind is removed with it.
    scratch: TempDir,
}

impl Servers {
    /// Starts what is needed, both at once. Whatever the environment names is there already.
    ///
    /// # Errors
    /// A server is missing or did not come up.
    pub(crate) fn start(needs: Needs) -> Result<Self, Error> {
        let scratch = TempDir::with_prefix("spymission-")?;
        let (rabbit, mariadb) = thread::scope(|scope| {
            let missing = |needed: bool, name: &str| needed && env::var_os(name).is_none();
            let rabbit =
                scope.spawn(move || missing(needs.rabbitmq, AMQP).then(Rabbit::start).transpose());
            let mariadb = missing(needs.mariadb, MYSQL).then(MariaDb::start).transpose();
            (rabbit.join(), mariadb)
        });
        let rabbit = rabbit.map_err(|_| Error::Refused("the start of RabbitMQ panicked".into()))?;
        Ok(Self { rabbit: rabbit?, mariadb: mariadb?, scratch })
    }

    /// The environment that tells the tests where the servers are.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let mut environment = vec![("TMPDIR", self.scratch.path().display().to_string())];
        if let Some(rabbit) = &self.rabbit {
            environment.push((AMQP, rabbit.amqp_url("")));
            environment.push((MANAGEMENT, rabbit.management_url()));
        }
        if let Some(mariadb) = &self.mariadb {
            environment.push((MYSQL, mariadb.url("")));
        }
        environment
    }
}
