//! The rights on tables that roles need. `check` tries each.

use crate::columns::TableRow;
use crate::grants::DatabaseLogin;
use crate::{Action, DeadLetter, Mission, Role};

/// What may be done on a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privilege {
    /// Read its rows.
    Select,
    /// Add rows to it.
    Insert,
}

impl Privilege {
    /// Its word in SQL.
    pub fn word(self) -> &'static str {
        match self {
            Self::Select => "SELECT",
            Self::Insert => "INSERT",
        }
    }
}

/// A privilege on a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableRight {
    /// The privilege.
    pub privilege: Privilege,
    /// The name of the table.
    pub table: &'static str,
}

/// The tables.
const TABLES: [&str; 3] = [Mission::NAME, DeadLetter::NAME, Action::NAME];

impl TableRight {
    /// Every right that some role needs.
    pub fn all() -> Vec<Self> {
        let on_all = |privilege| TABLES.map(|table| Self { privilege, table });
        [on_all(Privilege::Select), on_all(Privilege::Insert)].concat()
    }

    /// The roles that need it.
    pub fn roles(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| {
            DatabaseLogin::Role(*role).grants().iter().any(|grant| {
                let here = grant.table.is_none_or(|table| table == self.table);
                here && grant.privileges.split(", ").any(|word| word == self.privilege.word())
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_role_needs_each_right_and_has_the_database() {
        for right in TableRight::all() {
            assert!(right.roles().count() > 0, "{right:?}");
            assert!(right.roles().all(|role| role.duties().database), "{right:?}");
        }
    }
}
