//! What each login may do in a real database, with the privileges that a deployment grants.

use schemas::grants::DatabaseLogin;

use super::database::Deployed;

/// Statements of which each needs one right on one table, and changes nothing.
const NOTHING: [(&str, &str); 4] = [
    ("SELECT", "SELECT 1 FROM spymission.{} WHERE FALSE"),
    ("INSERT", "INSERT INTO spymission.{} SELECT * FROM spymission.{} WHERE FALSE"),
    ("UPDATE", "UPDATE spymission.{} SET {column} = {column} WHERE FALSE"),
    ("DELETE", "DELETE FROM spymission.{} WHERE FALSE"),
];
/// Every table, and a column of it.
const TABLES: [(&str, &str); 3] =
    [("missions", "target"), ("dead_letters", "reason"), ("dead_letter_actions", "who")];

/// Whether the login was granted this on this table.
fn has(login: DatabaseLogin, table: &str, right: &str) -> bool {
    login.grants().iter().any(|grant| {
        grant.table.is_none_or(|granted| granted == table)
            && grant.privileges.split(", ").any(|privilege| privilege == right)
    })
}

#[test]
fn each_login_may_do_in_each_table_what_is_declared_and_nothing_else() {
    let d = Deployed::new();
    d.migrate();
    for login in DatabaseLogin::all() {
        for (table, column) in TABLES {
            for (right, statement) in NOTHING {
                let statement = statement.replace("{}", table).replace("{column}", column);
                let done = d.sql(login.name(), &statement);
                let may =
                    has(login, table, right) && (right == "SELECT" || has(login, table, "SELECT"));
                let denied = done.as_ref().is_err_and(|why| why.contains("denied"));
                assert_eq!(done.is_ok(), may, "{} {statement}: {done:?}", login.name());
                assert_eq!(denied, !may, "{} {statement}: {done:?}", login.name());
            }
        }
    }
}

/// Other databases and users are nobody's business.
#[test]
fn no_login_reaches_beyond_the_schemas_of_this_system() {
    let d = Deployed::new();
    d.migrate();
    d.node.sql("CREATE DATABASE elsewhere; CREATE TABLE elsewhere.t (x INT)").unwrap();
    for login in DatabaseLogin::all() {
        for statement in [
            "SELECT user FROM mysql.user",
            "SELECT * FROM elsewhere.t",
            "CREATE DATABASE another",
            "DROP DATABASE elsewhere",
            "CREATE USER x",
            "SELECT 1 INTO OUTFILE '/tmp/spymission-rights'",
            "SET GLOBAL max_connections = 1",
            "SHUTDOWN",
        ] {
            let said = d.sql(login.name(), statement);
            let denied = said.as_ref().is_err_and(|why| why.contains("denied"));
            assert!(denied, "{} {statement}: {said:?}", login.name());
        }
    }
}
