//! Tables that are Markdown, and line up on a terminal.

/// A table; the first column is text, the others are figures.
pub(crate) struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns and no rows.
    pub(crate) fn new<'a>(head: impl IntoIterator<Item = &'a str>) -> Self {
        Self { head: head.into_iter().map(str::to_owned).collect(), rows: Vec::new() }
    }

    /// One more row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The text; nothing, if there are no rows.
    pub(crate) fn text(&self) -> String {
        if self.rows.is_empty() {
            return String::new();
        }
        let all = || std::iter::once(&self.head).chain(&self.rows);
        let width = |column: usize| {
            let cells = all().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default().max(3)
        };
        let widths: Vec<usize> = (0..self.head.len()).map(width).collect();
        let rule = widths.iter().enumerate().map(|(column, width)| match column {
            0 => "-".repeat(*width),
            _ => "-".repeat(width - 1) + ":",
        });
        let mut lines = vec![padded(&self.head, &widths), format!("| {} |", join(rule))];
        lines.extend(self.rows.iter().map(|row| padded(row, &widths)));
        lines.join("\n") + "\n"
    }
}

fn padded(row: &[String], widths: &[usize]) -> String {
    let empty = String::new();
    let cells = widths.iter().enumerate().map(|(column, &width)| {
        let cell = row.get(column).unwrap_or(&empty);
        if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
    });
    format!("| {} |", join(cells))
}

fn join(cells: impl Iterator<Item = String>) -> String {
    cells.collect::<Vec<_>>().join(" | ")
}

/// A figure with as many decimals as help: three digits, or all before the point.
pub(crate) fn figure(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        ..9.995 => format!("{value:.2}"),
        ..99.95 => format!("{value:.1}"),
        _ => whole(value),
    }
}

/// A whole number, with commas.
pub(crate) fn whole(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let mut table = Table::new(["what", "µs"]);
        assert_eq!(table.text(), "");
        table.row(["all".to_owned(), "7".to_owned()]);
        table.row(["gateway".to_owned(), "1,234".to_owned()]);
        let lines =
            "| what    |    µs |\n| ------- | ----: |\n| all     |     7 |\n| gateway | 1,234 |\n";
        assert_eq!(table.text(), lines);
    }

    #[test]
    fn a_figure_has_the_decimals_that_help() {
        let said = [0.0, 0.1234, 9.999, 12.34, 99.96, 14_100.4, 1_234_567.0].map(figure);
        assert_eq!(said, ["0", "0.12", "10.0", "12.3", "100", "14,100", "1,234,567"]);
    }
}
