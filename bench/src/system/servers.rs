//! RabbitMQ and MariaDB, for everything that is measured.

use testkit::servers::{Error, MariaDb, Rabbit};

/// Two servers of our own. Commits are on the disk when they are answered.
pub(crate) struct Servers {
    pub(crate) rabbit: Rabbit,
    pub(crate) mariadb: MariaDb,
}

impl Servers {
    /// Starts both.
    ///
    /// # Errors
    /// One of them is not installed, or does not come up.
    pub(crate) fn start() -> Result<Self, Error> {
        Ok(Self { rabbit: Rabbit::start()?, mariadb: MariaDb::start()? })
    }
}
