//! A database for one test.

use super::shared::{MYSQL, random, setting};
use super::sql::sql;

/// An empty database on the shared node that nobody else uses; dropped when this is dropped.
#[derive(Debug)]
pub struct Database {
    /// Its address.
    pub url: String,
    name: String,
}

/// An empty database on the shared node.
pub fn database() -> Database {
    let name = format!("test_{:016x}", random());
    let create = format!("CREATE DATABASE {name}");
    sql(&setting(MYSQL), &create).expect("the shared MariaDB node creates a database");
    Database { url: mysql_url(&name), name }
}

/// The URL of a database on the shared node; it need not exist.
pub fn mysql_url(database: &str) -> String {
    format!("{}/{database}", setting(MYSQL).trim_end_matches('/'))
}

impl Drop for Database {
    fn drop(&mut self) {
        let _ = sql(&setting(MYSQL), &format!("DROP DATABASE {}", self.name));
    }
}
