//! What one committed row costs.

use testkit::servers::{Error, MariaDb};

use crate::spread::median;

/// How many rows.
const ROWS: usize = 400;

/// The median of the milliseconds from one committed row of one client to its next, each a statement
/// and a transaction of its own. The table is the one that missions are stored in, with its indexes.
///
/// The client is MariaDB's own, and the server's clock says when each statement began: so no library
/// of ours is measured.
///
/// # Errors
/// The database refuses a statement.
pub(crate) fn commit(mariadb: &MariaDb, database: &str) -> Result<f64, Error> {
    mariadb.sql(&format!(
        "CREATE DATABASE IF NOT EXISTS floor; CREATE OR REPLACE TABLE floor.missions LIKE {database}.missions"
    ))?;
    let insert = "INSERT INTO missions VALUES (UNHEX(REPLACE(UUID(), '-', '')), \
                  '19 z 4 a 7 k 0 b 12 q 3 m', 'Meet with', 'Duchess', 'malory', NOW(6));";
    mariadb.sql(&format!("USE floor; {}", insert.repeat(ROWS)))?;
    let micros = mariadb.sql(
        "SELECT CAST(UNIX_TIMESTAMP(created_at) * 1000000 AS INTEGER) FROM floor.missions ORDER BY 1",
    )?;
    let micros: Vec<f64> = micros.lines().filter_map(|line| line.parse().ok()).collect();
    if micros.len() != ROWS {
        return Err(Error::Refused(format!("{} rows instead of {ROWS}", micros.len())));
    }
    let gaps = micros.windows(2).filter_map(|two| match two {
        [one, next] => Some((next - one) / 1_000.0),
        _ => None,
    });
    Ok(median(gaps))
}
