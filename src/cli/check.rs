//! `check` on the command line.

use clap::Args;

use super::servers::{Broker, Database, Management, Rules};

const CHECK_EXAMPLES: &str = "It prints one line for each check: ok, warning or failed, what it \
found, and what to do next. It changes nothing. The broker logs the permissions that it tries.

Examples:
  spymission check
  spymission check --broker amqp://spy:secret@rabbit:5672/%2f \\
      --database mysql://spy:secret@db:3306/spymission \\
      --management http://monitor:secret@rabbit:15672 --casebook agency.toml

Exit codes: 0 ok or with warnings, 1 something failed, 2 a setting is wrong.";

/// Settings of `check`. It checks the given settings; without any, the defaults of `up`.
#[derive(Debug, Args)]
#[command(after_help = CHECK_EXAMPLES)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) broker: Broker,
    #[command(flatten)]
    pub(crate) database: Database,
    #[command(flatten)]
    pub(crate) management: Management,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

/// Which settings were given.
pub(crate) struct Given {
    pub(crate) broker: bool,
    pub(crate) database: bool,
    management: bool,
    pub(crate) casebook: bool,
}

impl Given {
    /// Whether there is any.
    pub(crate) fn any(&self) -> bool {
        self.broker || self.database || self.management || self.casebook
    }
}

impl Check {
    /// Which settings were given, in whatever form.
    pub(crate) fn given(&self) -> Given {
        let (broker, database, management) = (&self.broker, &self.database, &self.management);
        Given {
            broker: broker.broker.is_some() || broker.broker_file.is_some(),
            database: database.database.is_some() || database.database_file.is_some(),
            management: management.management.is_some() || management.management_file.is_some(),
            casebook: self.rules.casebook.is_some(),
        }
    }
}
