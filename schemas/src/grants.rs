//! What each login may do in the database. `cargo xtask generate` writes it to `compose/mysql/grants`,
//! from which the database of a deployment makes its users.

use std::fmt;

use crate::columns::TableRow;
use crate::topology::Role;
use crate::{Action, DeadLetter, Mission};

/// Who logs in to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseLogin {
    /// A process of this role.
    Role(Role),
    /// `migrate`, which creates and changes the tables.
    Migrate,
    /// The tools of operators: backup, restore, missions and dead letters.
    Operator,
    /// `missions prune` and `dead-letters prune`.
    Prune,
}

/// Privileges of one login on one table, or on all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// The table; `None` for all tables. `NAME.*` is all tables of the schema `spymission_NAME`.
    pub table: Option<&'static str>,
    /// What MySQL calls the privileges.
    pub privileges: &'static str,
}

/// A backup is restored into the schema `spymission_restoring`. One RENAME then brings its tables to
/// `spymission`, and those of before to `spymission_replaced`.
const RESTORING: Grant = Grant { table: Some("restoring.*"), privileges: LOAD };
/// See [`RESTORING`].
const REPLACED: Grant =
    Grant { table: Some("replaced.*"), privileges: "SELECT, INSERT, CREATE, DROP, ALTER" };

/// What a dump needs to be loaded.
const LOAD: &str = "SELECT, INSERT, LOCK TABLES, CREATE, DROP, ALTER";

const READ: Grant = Grant { table: None, privileges: "SELECT" };

impl Grant {
    const fn on<T: TableRow>(privileges: &'static str) -> Self {
        Self { table: Some(T::NAME), privileges }
    }
}

impl DatabaseLogin {
    /// Every login.
    pub fn all() -> Vec<Self> {
        let roles = Role::ALL.into_iter().filter(|role| role.duties().database).map(Self::Role);
        roles.chain([Self::Migrate, Self::Operator, Self::Prune]).collect()
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Role(role) => role.name(),
            Self::Migrate => "migrate",
            Self::Operator => "operator",
            Self::Prune => "prune",
        }
    }

    /// What it may do. It needs all of it, and nothing else.
    pub fn grants(self) -> Vec<Grant> {
        match self {
            // Actions: those of operators on the operations page.
            Self::Role(Role::Gateway) => vec![READ, Grant::on::<Action>("INSERT")],
            Self::Role(Role::Persister) => {
                vec![READ, Grant::on::<Mission>("INSERT"), Grant::on::<DeadLetter>("INSERT")]
            }
            Self::Role(Role::Decider | Role::Part(_)) => Vec::new(),
            Self::Migrate => vec![Grant {
                table: None,
                privileges: "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP, REFERENCES",
            }],
            Self::Operator => vec![
                Grant {
                    table: None,
                    privileges: "SELECT, INSERT, DELETE, LOCK TABLES, SHOW VIEW, TRIGGER, CREATE, DROP, ALTER",
                },
                RESTORING,
                REPLACED,
            ],
            Self::Prune => vec![
                READ,
                Grant::on::<Mission>("DELETE"),
                Grant::on::<DeadLetter>("DELETE"),
                Grant::on::<Action>("DELETE"),
            ],
        }
    }
}

/// `TABLE PRIVILEGES`; `*` is every table.
impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.table.unwrap_or("*"), self.privileges)
    }
}

/// The file `compose/mysql/grants`: a line `LOGIN TABLE PRIVILEGES` for each grant.
pub fn grants() -> String {
    let mut text =
        "# Made by `cargo xtask generate` from schemas/src/grants.rs. LOGIN TABLE PRIVILEGES\n"
            .to_owned();
    for login in DatabaseLogin::all() {
        for grant in login.grants() {
            text += &format!("{} {grant}\n", login.name());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_has_grants_if_and_only_if_it_needs_the_database() {
        for role in Role::ALL {
            let grants = DatabaseLogin::Role(role).grants();
            assert_eq!(grants.is_empty(), !role.duties().database, "{}", role.name());
        }
    }

    #[test]
    fn no_role_changes_or_deletes_rows() {
        for role in Role::ALL {
            for grant in DatabaseLogin::Role(role).grants() {
                assert!(["SELECT", "INSERT"].contains(&grant.privileges), "{grant}");
            }
        }
    }
}
