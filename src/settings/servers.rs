//! Where the servers are, from flags, variables and files.

use store::Store;

use super::{Setting, WrongSetting, text_or_file};
use crate::cli::{Broker, Database};

/// Where the URL of the broker is set.
pub(crate) const BROKER: Setting = Setting::new("--broker", "SPYMISSION_BROKER");
/// Where the file with the URL of the broker is set.
pub(crate) const BROKER_FILE: Setting = Setting::new("--broker-file", "SPYMISSION_BROKER_FILE");
const BROKER_CA: Setting = Setting::new("--broker-ca", "SPYMISSION_BROKER_CA");
const DATABASE: Setting = Setting::new("--database", "SPYMISSION_DATABASE");
const DATABASE_FILE: Setting = Setting::new("--database-file", "SPYMISSION_DATABASE_FILE");
const DATABASE_CA: Setting = Setting::new("--database-ca", "SPYMISSION_DATABASE_CA");

impl Broker {
    /// The broker's address, for a process that has all roles: `memory:` unless it is set.
    ///
    /// # Errors
    /// It is no address, or its file cannot be read.
    pub(crate) fn or_memory(&self) -> Result<bus::Address, WrongSetting> {
        let address = match self.text()? {
            Some((setting, text)) => text.parse().map_err(|wrong| setting.wrong(wrong))?,
            None => bus::Address::Memory,
        };
        self.trusting(address)
    }

    /// The broker's address, for a process that has one role.
    ///
    /// # Errors
    /// It is missing, no address, or `memory:`; or its file cannot be read.
    pub(crate) fn shared(&self) -> Result<bus::Address, WrongSetting> {
        const MISSING: &str = "it is missing: write amqp://user:password@host:5672/vhost";
        let (setting, text) = self.text()?.ok_or_else(|| BROKER.wrong(MISSING))?;
        match text.parse().map_err(|wrong| setting.wrong(wrong))? {
            bus::Address::Memory => Err(setting.wrong(
                "memory: exists within one process, where no other role could reach it: use \
                 `spymission up` or an amqp:// address",
            )),
            address => self.trusting(address),
        }
    }

    fn trusting(&self, address: bus::Address) -> Result<bus::Address, WrongSetting> {
        let Some(authority) = &self.broker_ca else { return Ok(address) };
        address.trusting(authority).map_err(|wrong| BROKER_CA.wrong(wrong))
    }

    /// The broker at this address. If the address is in a file, the file is read again for each
    /// connection, so that a password can be changed while the process runs.
    pub(crate) fn connect(&self, address: bus::Address) -> bus::Broker {
        if self.broker_file.is_none() || address == bus::Address::Memory {
            return bus::Broker::new(address);
        }
        let settings = self.clone();
        bus::Broker::at(move || settings.or_memory())
    }

    fn text(&self) -> Result<Option<(Setting, String)>, WrongSetting> {
        let given = (self.broker.as_deref(), self.broker_file.as_deref());
        text_or_file(given, [BROKER, BROKER_FILE])
    }
}

impl Database {
    /// The database's address, `sqlite:spymission.db` unless it is set.
    ///
    /// # Errors
    /// It is no address, or its file cannot be read.
    pub(crate) fn or_sqlite(&self) -> Result<store::Address, WrongSetting> {
        let set = self.text()?;
        self.address(set.unwrap_or((DATABASE, "sqlite:spymission.db".to_owned())))
    }

    /// A store at this address. If the address is in a file, the store reads the file again for
    /// new connections, so that a password can be changed while the process runs.
    pub(crate) fn store(&self, address: &store::Address) -> Store {
        if self.database_file.is_none() {
            return Store::new(address);
        }
        let settings = self.clone();
        Store::following(address, move || settings.or_sqlite().map_err(|wrong| wrong.to_string()))
    }

    /// The database's address.
    ///
    /// # Errors
    /// It is missing or no address, or its file cannot be read.
    pub(crate) fn required(&self) -> Result<store::Address, WrongSetting> {
        const MISSING: &str = "it is missing: write mysql://user:password@host:3306/database";
        self.address(self.text()?.ok_or_else(|| DATABASE.wrong(MISSING))?)
    }

    fn address(&self, (setting, text): (Setting, String)) -> Result<store::Address, WrongSetting> {
        let address: store::Address = text.parse().map_err(|wrong| setting.wrong(wrong))?;
        let Some(authority) = &self.database_ca else { return Ok(address) };
        address.trusting(authority).map_err(|wrong| DATABASE_CA.wrong(wrong))
    }

    fn text(&self) -> Result<Option<(Setting, String)>, WrongSetting> {
        let given = (self.database.as_deref(), self.database_file.as_deref());
        text_or_file(given, [DATABASE, DATABASE_FILE])
    }
}
