//! Checks of the database: whether it can be reached, its version, our privileges, and its tables.

use std::time::{Duration, Instant};

use schemas::columns::TableRow;
use schemas::{CreatedAt, DeadLetter, Mission, Privilege, TableRight};
use store::{Address, Error, Inspection, SchemaState, Server, Store};

use super::reach::{file_line, reach};
use super::report::{Line, Report};
use super::{grants, version};
use crate::failure::Failure;
use crate::system::clock;

const PART: &str = "database";

/// Checks it step by step. A failure that makes the further steps impossible ends the check.
pub(super) async fn check(address: &Address, report: &mut Report) -> Result<(), Failure> {
    let reached = match (address.file(), address.server()) {
        (Some(file), _) => match file_line(file) {
            Some(line) => return report.say(line),
            None => format!("the file {} can be written", file.display()),
        },
        (None, Some((host, port))) => match reach(host, port).await {
            Ok(found) => found,
            Err(line) => return report.say(line),
        },
        (None, None) => return Ok(()),
    };
    report.say(Line::ok(PART, "reachable", reached))?;
    let store = Store::new(address);
    let checked = inside(&store, address, report).await;
    store.close().await;
    checked
}

async fn inside(store: &Store, address: &Address, report: &mut Report) -> Result<(), Failure> {
    let inspection = match store.inspect().await {
        Ok(inspection) => inspection,
        Err(error) => return report.say(login_failed(address, &error)),
    };
    let Inspection { product, version, server } = &inspection;
    report.say(version::database(*product, version))?;
    if let Some(server) = server {
        session(server, report)?;
    }
    let schema = store.schema().await;
    let older = matches!(schema, Ok(SchemaState::Older));
    report.say(schema_line(schema, address, server.as_ref()))?;
    if !older {
        may(store, address.database().unwrap_or_default(), report).await?;
        if let Some(table) = server.as_ref().and_then(|server| server.table.as_deref()) {
            report.say(table_line(table))?;
        }
    }
    time(store, report).await
}

/// A line for a failed login. The error contains the number of the server's error.
fn login_failed(address: &Address, error: &Error) -> Line {
    let database = address.database().unwrap_or_default();
    let said = error.to_string();
    let has = |number: &str| said.contains(&format!(" {number} ("));
    let next = if has("1045") || has("1698") {
        "check user and password in --database".to_owned()
    } else if has("1044") {
        format!("as root: GRANT SELECT, INSERT ON {database}.* TO this user")
    } else if has("1049") {
        format!(
            "run `spymission migrate` as a user who may create it, or CREATE DATABASE {database}"
        )
    } else if has("1130") {
        "allow this user to connect from this machine: CREATE USER 'name'@'%'".to_owned()
    } else if said.contains("TLS") || said.contains("tls") || said.contains("RSA") {
        "check ?ssl-mode= and ?ssl-ca= in --database; MySQL 8 needs ?ssl-mode=REQUIRED".to_owned()
    } else if address.file().is_some() {
        "name another file: this one is no SQLite database, or it is damaged".to_owned()
    } else {
        "check that a database listens there, and read its log".to_owned()
    };
    Line::failed(PART, "login", said, next)
}

fn session(server: &Server, report: &mut Report) -> Result<(), Failure> {
    report.say(Line::ok(PART, "login", format!("as {}", server.user)))?;
    report.say(match &server.cipher {
        Some(cipher) => Line::ok(PART, "TLS", format!("encrypted with {cipher}")),
        None => {
            Line::ok(PART, "TLS", "not encrypted (?ssl-mode=REQUIRED in --database encrypts it)")
        }
    })?;
    if !server.sql_mode.contains("STRICT_ALL_TABLES") {
        let next =
            "allow this user to set sql_mode: the database must refuse values that do not fit";
        report.say(Line::failed(PART, "strict mode", "its sessions are not strict", next))?;
    }
    if server.read_only {
        let next = "name the primary server in --database, or SET GLOBAL read_only = 0";
        report.say(Line::warning(PART, "writable", "the server is read-only", next))?;
    }
    for lax in &server.unflushed {
        let found = format!("a crash may lose missions that were answered: {lax}");
        let next = format!("SET GLOBAL {} = 1, and in the server's file", lax.setting);
        report.say(Line::warning(PART, "durability", found, next))?;
    }
    Ok(())
}

fn schema_line(
    schema: Result<SchemaState, Error>,
    address: &Address,
    server: Option<&Server>,
) -> Line {
    match schema {
        Ok(SchemaState::Current) => Line::ok(PART, "schema", "the tables are up to date"),
        Ok(SchemaState::Newer) => {
            Line::ok(PART, "schema", "the tables are of a newer program, which works")
        }
        Ok(SchemaState::Older) => {
            let may = server.is_none_or(|server| {
                grants::let_migrate(&server.grants, address.database().unwrap_or_default())
            });
            let next = match may {
                true => "run `spymission migrate`",
                false => "run `spymission migrate` as a user who may CREATE, ALTER and INDEX",
            };
            Line::failed(PART, "schema", "tables are missing or older than this program", next)
        }
        Err(error) => Line::failed(PART, "schema", error, "read the database's log"),
    }
}

async fn may(store: &Store, database: &str, report: &mut Report) -> Result<(), Failure> {
    for right in TableRight::all() {
        let tried = store.may(right).await;
        report.say(match tried {
            Ok(()) => Line::ok(PART, "privileges", format!("we may {}", words(right))),
            Err(error) => lacking(right, database, &error),
        })?;
    }
    Ok(())
}

/// A right in words: `store missions (INSERT)`.
fn words(right: TableRight) -> String {
    let TableRight { privilege, table } = right;
    let what = match (privilege, table) {
        (Privilege::Select, Mission::NAME) => "read missions",
        (Privilege::Insert, Mission::NAME) => "store missions",
        (Privilege::Select, DeadLetter::NAME) => "read dead letters",
        (Privilege::Insert, DeadLetter::NAME) => "store dead letters",
        (Privilege::Select, _) => "read what was done about dead letters",
        (Privilege::Insert, _) => "act on dead letters",
    };
    format!("{what} ({} on {table})", privilege.word())
}

/// A right that is missing, and who needs it.
fn lacking(right: TableRight, database: &str, error: &Error) -> Line {
    let found = format!("we may not {}: {error}", words(right));
    let TableRight { privilege, table } = right;
    if matches!(error, Error::Schema(_)) {
        let next = format!("the table {table} is missing: restore it from a backup");
        return Line::failed(PART, "tables", found, next);
    }
    let roles: Vec<_> = right.roles().map(|role| format!("a {}", role.title())).collect();
    let next = format!(
        "as root: GRANT {} ON {database}.{table} TO this user ({} needs it)",
        privilege.word(),
        roles.join(" or ")
    );
    Line::failed(PART, "privileges", found, next)
}

fn table_line(table: &str) -> Line {
    match table {
        "InnoDB utf8mb4_bin" => Line::ok(PART, "table", table),
        other => {
            let next = "ALTER TABLE missions ENGINE = InnoDB, CONVERT TO CHARACTER SET utf8mb4 \
                        COLLATE utf8mb4_bin";
            Line::warning(PART, "table", format!("{other}, it should be InnoDB utf8mb4_bin"), next)
        }
    }
}

/// Measures one round trip; the database's clock is assumed to be read in the middle of it.
async fn time(store: &Store, report: &mut Report) -> Result<(), Failure> {
    let (before, begun) = (CreatedAt::truncated(clock()), Instant::now());
    let then = match store.now().await {
        Ok(then) => then,
        Err(error) => {
            return report.say(Line::failed(PART, "clock", error, "read the database's log"));
        }
    };
    let Some(then) = then else {
        return report.say(Line::ok(PART, "clock", "it uses the clock of this machine"));
    };
    let trip = begun.elapsed();
    let millis = trip.as_secs_f64() * 1_000.0;
    let found = format!("{millis:.1} ms");
    let next = "move database and persisters closer together: every commit waits for it";
    report.say(match millis {
        slow if slow > 50.0 => Line::warning(PART, "round trip", found, next),
        _ => Line::ok(PART, "round trip", found),
    })?;
    let micros = |at: CreatedAt| Duration::from_micros(at.micros().unsigned_abs());
    let ahead =
        micros(then).as_secs_f64() - micros(before).as_secs_f64() - trip.as_secs_f64() / 2.0;
    report.say(Line::clock(PART, ahead, 0.1 + trip.as_secs_f64() / 2.0))
}

#[cfg(test)]
mod tests {
    use super::super::report::Verdict;
    use super::*;

    fn address() -> Address {
        "mysql://bond:s3cret@db/missions_of_m".parse().unwrap()
    }

    #[test]
    fn each_failed_login_has_its_own_advice() {
        for (error, advice) in [
            ("1045 (28000): Access denied", "user and password"),
            ("1044 (42000): Access denied", "GRANT SELECT, INSERT ON missions_of_m.*"),
            ("1049 (42000): Unknown database", "CREATE DATABASE missions_of_m"),
            ("1130 (HY000): Host is not allowed", "CREATE USER 'name'@'%'"),
            ("error during TLS upgrade", "?ssl-mode="),
            ("the end of the stream", "its log"),
        ] {
            let line = login_failed(&address(), &Error::Configuration(error.into()));
            let said = format!("{line:?}");
            assert!(said.contains(error) && said.contains(advice), "{said}");
            assert!(!said.contains("s3cret"), "{said}");
        }
    }

    #[test]
    fn tables_of_a_newer_program_pass_and_older_ones_fail() {
        let line = |schema| schema_line(schema, &address(), None);
        assert_eq!(line(Ok(SchemaState::Newer)).verdict, Verdict::Ok);
        assert_eq!(line(Ok(SchemaState::Older)).verdict, Verdict::Failed);
        let away = line(Err(Error::Unavailable("gone".into())));
        assert!(away.verdict == Verdict::Failed && format!("{away:?}").contains("gone"));
    }

    #[test]
    fn a_table_of_another_engine_comes_with_the_fix() {
        assert_eq!(table_line("InnoDB utf8mb4_bin").verdict, Verdict::Ok);
        let other = table_line("MyISAM latin1_swedish_ci");
        assert_eq!(other.verdict, Verdict::Warning);
        assert!(format!("{other:?}").contains("ALTER TABLE missions"), "{other:?}");
    }
}
