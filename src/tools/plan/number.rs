//! Numbers as people read them.

/// A whole number with its thousands apart.
pub(super) fn whole(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Gigabytes.
pub(super) fn gigabytes(much: f64) -> String {
    if much >= 1_000.0 { format!("{:.1} TB", much / 1_000.0) } else { format!("{much:.0} GB") }
}

/// Megabytes per second.
pub(super) fn megabytes(much: f64) -> String {
    if much >= 1_000.0 { format!("{:.1} GB/s", much / 1_000.0) } else { format!("{much:.0} MB/s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_apart_and_units_grow() {
        assert_eq!(
            [0.0, 999.0, 1_000.0, 1_234_567.8].map(whole),
            ["0", "999", "1,000", "1,234,568"]
        );
        assert_eq!([gigabytes(303.2), gigabytes(3_032.0)], ["303 GB", "3.0 TB"]);
        assert_eq!([megabytes(5.8), megabytes(31_776.0)], ["6 MB/s", "31.8 GB/s"]);
    }
}
