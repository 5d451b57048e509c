//! Rows as comma-separated values (RFC 4180, but with LF at the end of a line), with the columns of their
//! table.

use std::fmt::Write;

use crate::columns::{TableRow, Value};

/// The media type of a text that begins with [`header`].
pub const MEDIA_TYPE: &str = "text/csv; charset=utf-8; header=present";

/// What a spreadsheet takes for the beginning of a formula.
const FORMULA: [char; 4] = ['=', '+', '-', '@'];

/// The line of the column names.
pub fn header<T: TableRow>() -> String {
    let mut line = T::column_names().collect::<Vec<_>>().join(",");
    line.push('\n');
    line
}

/// The line of a row. A text that a spreadsheet would take for a formula has a `'` before it: an objective or
/// a target must not run a command on the machine of the person who opens the file.
pub fn line<T: TableRow>(row: &T) -> String {
    let mut line = String::with_capacity(192);
    for (place, value) in row.values().enumerate() {
        if place > 0 {
            line.push(',');
        }
        match value {
            Value::Text(text) if text.starts_with(FORMULA) => push(&mut line, &format!("'{text}")),
            Value::Text(text) => push(&mut line, text),
            other => {
                let _ = write!(line, "{other}"); // digits, letters, spaces, colons, hyphens, dots: never a quote or comma
            }
        }
    }
    line.push('\n');
    line
}

/// Writes a text, between quotes if it needs them.
fn push(line: &mut String, text: &str) {
    if text.contains([',', '"', '\n', '\r']) {
        line.push('"');
        line.push_str(&text.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Mission;

    fn of(objective: &str, target: &str) -> String {
        let [objective, target] = [objective, target].map(|text| text.parse().unwrap());
        line(&Mission { objective, target, ..Mission::example() })
    }

    #[test]
    fn the_header_names_the_columns_of_the_table() {
        let header = header::<Mission>(); // a new part has its column between these
        assert!(header.starts_with("id,dossier,objective,target,casebook,"), "{header}");
        assert!(header.ends_with(",created_at\n"), "{header}");
        assert_eq!(header.matches(',').count(), of("x", "y").matches(',').count());
    }

    #[test]
    fn what_needs_quotes_gets_them() {
        let line = of("Say \"no\", then leave", "the dictator");
        let expected = "019abc00-1111-7222-8333-444455556600,19 z 4 a 7 k 0 b 12 q 3 m,\
            \"Say \"\"no\"\", then leave\",the dictator,malory,";
        assert!(line.starts_with(expected), "{line}");
        assert!(line.ends_with(",2026-11-22T13:24:51.123456Z\n"), "{line}");
    }

    #[test]
    fn no_text_begins_as_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(\"http://x\",\"y\")"] {
            let line = of(text, "x");
            let field = line.split(',').nth(2).unwrap().trim_start_matches('"');
            assert!(field.starts_with(&format!("'{}", &text[..1])), "{line}");
        }
        assert!(of("1=1", "a@b").contains(",1=1,a@b,"), "elsewhere it is what it was");
    }
}
