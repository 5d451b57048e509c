//! A table that is full before anything is measured.

use std::time::Duration;

use testkit::servers::{Error, MariaDb};
use time::OffsetDateTime;

/// How many rows one statement inserts.
const CHUNK: u64 = 100_000;
/// The rows are from this time, which ends a day before now.
const SPAN: Duration = Duration::from_secs(30 * DAY);
const DAY: u64 = 24 * 3_600;

/// When the rows of a filled table were made.
pub(crate) struct Filled {
    /// Microseconds since 1970.
    first: u64,
    pub(crate) rows: u64,
}

impl Filled {
    /// A table with so many rows that ends a day before `now`; [`fill`](Self::fill) makes it.
    pub(crate) fn before(now: OffsetDateTime, rows: u64) -> Self {
        let end = u64::try_from(now.unix_timestamp()).unwrap_or_default().saturating_sub(DAY);
        Self { first: end.saturating_sub(SPAN.as_secs()) * 1_000_000, rows }
    }

    /// Fills the table `missions` of this database. `said` gets the number of rows so far.
    ///
    /// # Errors
    /// The database refuses a statement.
    pub(crate) fn fill(
        &self,
        mariadb: &MariaDb,
        database: &str,
        mut said: impl FnMut(u64),
    ) -> Result<(), Error> {
        let mut done = 0;
        while done < self.rows {
            let more = CHUNK.min(self.rows - done);
            mariadb.sql(&self.statement(database, done, done + more - 1))?;
            done += more;
            said(done);
        }
        Ok(())
    }

    /// The cursor of a page that begins at this share (0 to 1) of the table.
    pub(crate) fn cursor(&self, share: f64) -> String {
        let after = SPAN.mul_f64(share.clamp(0.0, 1.0));
        format!("{:x}-{}", self.first + micros_of(after), "f".repeat(32))
    }

    /// Rows as a persister stores them: ids and times ascend together, as those of UUIDs of version 7
    /// do; the other columns vary.
    fn statement(&self, database: &str, from: u64, to: u64) -> String {
        let step = (micros_of(SPAN) / self.rows.max(1)).max(1);
        let at = format!("({} + seq * {step})", self.first);
        format!(
            "USE {database}; SET time_zone = '+00:00'; SET unique_checks = 0; \
             INSERT INTO missions (id, dossier, objective, target, casebook, created_at) \
             SELECT UNHEX(CONCAT(LPAD(HEX({at} DIV 1000), 12, '0'), '7', LPAD(HEX(seq % 4096), 3, '0'), \
             '8', LPAD(HEX(seq), 15, '0'))), '19 z 4 a 7 k 0 b 12 q 3 m', \
             ELT(1 + seq % 4, 'Meet with', 'Follow', 'Collect information about', 'Steal the DB_URI from'), \
             ELT(1 + seq % 5, 'Duchess', 'the dictator', 'the head of Odin', 'the double agent', \
             'the flask developer'), 'malory', \
             '1970-01-01' + INTERVAL {at} MICROSECOND FROM seq_{from}_to_{to}"
        )
    }
}

fn micros_of(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_cursor_is_between_the_first_row_and_a_day_ago() {
        let filled = Filled::before(datetime!(2026-12-02 00:00 UTC), 1_000);
        let day = |text: &str| {
            let micros = u64::from_str_radix(text.split('-').next().unwrap(), 16).unwrap();
            OffsetDateTime::from_unix_timestamp((micros / 1_000_000).cast_signed()).unwrap()
        };
        let days = [0.0, 0.5, 1.0].map(|share| day(&filled.cursor(share)));
        let [first, middle, last] = days;
        assert_eq!(first, datetime!(2026-11-01 00:00 UTC));
        assert_eq!(middle, datetime!(2026-11-16 00:00 UTC));
        assert_eq!(last, datetime!(2026-12-01 00:00 UTC));
    }

    #[test]
    fn a_table_is_filled_in_order_and_its_last_row_is_a_day_old() {
        if !MariaDb::installed() {
            return println!("skipped: MariaDB is not installed");
        }
        let mariadb = MariaDb::start().unwrap();
        let table = include_str!("../../schemas/migrations/mysql/0001_missions.sql");
        mariadb.sql(&format!("CREATE DATABASE filled; USE filled; {table}")).unwrap();
        let (rows, mut said) = (CHUNK + 1_000, Vec::new());
        let filled = Filled::before(datetime!(2026-12-02 00:00 UTC), rows);
        filled.fill(&mariadb, "filled", |done| said.push(done)).unwrap();
        assert_eq!(said, [CHUNK, rows]);
        let ask = |what: &str| mariadb.sql(&format!("SELECT {what} FROM filled.missions")).unwrap();
        assert_eq!(ask("COUNT(*), MIN(created_at)"), format!("{rows}\t2026-11-01 00:00:00.000000"));
        assert!(ask("MAX(created_at)").starts_with("2026-11-30 23:59:"));
        let earlier =
            "(SELECT id, LAG(id) OVER (ORDER BY created_at) AS earlier FROM filled.missions)";
        let disordered = format!("SELECT COUNT(*) FROM {earlier} AS pairs WHERE earlier > id");
        assert_eq!(mariadb.sql(&disordered).unwrap(), "0", "an id does not ascend");
        let millis = crate::bare::commit(&mariadb, "filled").unwrap();
        assert!(millis > 0.0 && millis < 1_000.0, "{millis} ms for a row");
    }
}
