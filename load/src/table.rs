//! Reports as rows of a table.

use std::fmt::{Display, Write};

use super::report::Report;

/// The columns; `first` names what distinguishes the rows.
pub fn head(first: &str) -> String {
    format!("{first:>11}  missions/s   p50 ms   p99 ms p99.9 ms   max ms   errors\n")
}

/// One load. If a request failed or was not sent, more lines say so.
pub fn row(what: impl Display, report: &Report) -> String {
    let [p50, p99, rare, max] = [0.5, 0.99, 0.999, 1.0].map(|share| report.quantile(share));
    let (rate, failures) = (report.rate(), report.failures());
    let mut row = format!(
        "{what:>11} {rate:>11.0} {p50:>8.2} {p99:>8.2} {rare:>8.2} {max:>8.1} {failures:>8}\n"
    );
    if let Some(failure) = &report.first_failure {
        let _ = writeln!(row, "            the first failure: {}", failure.what);
    }
    if report.unsent > 0 {
        let unsent = report.unsent;
        let _ = writeln!(
            row,
            "            {unsent} requests were due and not sent: every connection waited"
        );
    }
    row
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_row_stands_below_its_columns_and_tells_what_failed() {
        let mut report = Report { unsent: 3, ..Report::default() };
        (0..2_000).for_each(|_| report.took(Duration::from_millis(4), true));
        report.failed(Duration::from_secs(1), "503 {\"a\":1}\u{1b}\n".to_owned());
        report.finish(Duration::from_secs(2));
        let (head, row) = (head("connections"), row(64, &report));
        let lines: Vec<&str> = row.lines().collect();
        assert_eq!(head.trim_end().len(), lines[0].len());
        assert!(lines[0].starts_with("         64        1000     4.00"), "{row}");
        assert_eq!(lines[1].trim(), "the first failure: 503 {\"a\":1}\\u{1b}");
        assert!(lines[2].contains(" 3 requests were due and not sent"), "{row}");
    }
}
