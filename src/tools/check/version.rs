//! Which versions of the servers are supported.

use store::Product;

use super::report::Line;

/// Major and minor number at the beginning of a version: `3.10.8`, `10.11.14-MariaDB`.
fn numbers(version: &str) -> Option<(u16, u16)> {
    let mut parts = version.split(|c: char| !c.is_ascii_digit());
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// RabbitMQ 3.10 to 4.3.
pub(super) fn rabbitmq(part: &'static str, version: &str) -> Line {
    let found = format!("RabbitMQ {version}");
    match numbers(version) {
        None => Line::warning(part, "version", found, "check it: 3.10 to 4.3 are tested"),
        Some(v) if v < (3, 10) => {
            Line::failed(part, "version", found, "upgrade RabbitMQ to 3.10 or newer (to 4.3)")
        }
        Some(v) if v > (4, 3) => {
            let next = "test it before you rely on it: 3.10 to 4.3 are tested";
            Line::warning(part, "version", found, next)
        }
        Some(_) => Line::ok(part, "version", found),
    }
}

/// MySQL 8, MariaDB 10.11, or newer.
pub(super) fn database(product: Product, version: &str) -> Line {
    let (name, least) = match product {
        Product::MySql => ("MySQL", (8, 0)),
        Product::MariaDb => ("MariaDB", (10, 11)),
        Product::Sqlite => ("SQLite", (3, 37)), // STRICT tables; SQLite is part of this program
    };
    let found = format!("{name} {version}");
    let (major, minor) = least;
    match numbers(version) {
        Some(v) if v >= least => Line::ok("database", "version", found),
        Some(_) => {
            let next = format!("upgrade {name} to {major}.{minor} or newer");
            Line::failed("database", "version", found, next)
        }
        None => {
            let next = format!("check it: {name} {major}.{minor} or newer is needed");
            Line::warning("database", "version", found, next)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::Verdict::{Failed, Ok, Warning};
    use super::*;

    #[test]
    fn rabbitmq_runs_from_3_10_to_4_3() {
        for (version, verdict) in [
            ("3.9.29", Failed),
            ("3.10.8", Ok),
            ("3.13.7", Ok),
            ("4.0.5", Ok),
            ("4.3.1", Ok),
            ("4.4.0", Warning),
            ("5.0.0", Warning),
            ("", Warning),
        ] {
            assert_eq!(rabbitmq("broker", version).verdict, verdict, "{version}");
        }
    }

    #[test]
    fn databases_have_a_minimum_version() {
        for (product, version, verdict) in [
            (Product::MySql, "5.7.44-log", Failed),
            (Product::MySql, "8.0.36", Ok),
            (Product::MySql, "9.7.0", Ok),
            (Product::MariaDb, "10.6.18-MariaDB", Failed),
            (Product::MariaDb, "10.11.14-MariaDB-0+deb12u2", Ok),
            (Product::MariaDb, "11.4.2-MariaDB", Ok),
            (Product::Sqlite, "3.50.2", Ok),
            (Product::MySql, "what", Warning),
        ] {
            assert_eq!(database(product, version).verdict, verdict, "{version}");
        }
    }
}
