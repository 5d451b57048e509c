//! Figures for people: short, and never more exact than they are.

/// A rate in a second; a dash while it is not known.
pub fn rate(rate: Option<f64>) -> String {
    match rate {
        None => "–".to_owned(),
        Some(rate) if rate < 0.05 => "0/s".to_owned(),
        Some(rate) if rate < 9.95 => format!("{rate:.1}/s"),
        Some(rate) if rate < 9_999.5 => format!("{rate:.0}/s"),
        Some(rate) => format!("{:.0}k/s", rate / 1_000.0),
    }
}

/// A duration in microseconds, in two digits or more.
pub fn duration(micros: u64) -> String {
    let tenths = |unit: u64| format!("{}.{}", micros / unit, micros % unit / (unit / 10));
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..10_000 => format!("{} ms", tenths(1_000)),
        10_000..1_000_000 => format!("{} ms", micros / 1_000),
        1_000_000..10_000_000 => format!("{} s", tenths(1_000_000)),
        _ => format!("{} s", micros / 1_000_000),
    }
}

/// A number, in groups of three digits.
pub fn whole(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push('\u{202f}'); // a narrow space that does not break
        }
        grouped.push(digit);
    }
    grouped
}

/// A number that is not known exactly, in two digits and a word: 1.2 million.
pub fn about(number: u64) -> String {
    let (unit, word) = match number {
        0..1_000_000 => (1_000, ""),
        1_000_000..1_000_000_000 => (1_000_000, " million"),
        _ => (1_000_000_000, " billion"),
    };
    let tenths = (number + unit / 20) / (unit / 10);
    match tenths {
        _ if word.is_empty() => whole((number + 500) / 1_000 * 1_000),
        0..100 if !tenths.is_multiple_of(10) => format!("{}.{}{word}", tenths / 10, tenths % 10),
        _ => format!("{}{word}", (number + unit / 2) / unit),
    }
}

/// A time span in seconds.
pub fn span(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short() {
        let rates = [None, Some(0.0), Some(0.5), Some(9.96), Some(4_012.3), Some(12_345.0)];
        assert_eq!(rates.map(rate), ["–", "0/s", "0.5/s", "10/s", "4012/s", "12k/s"]);
        let times = [0, 999, 4_512, 45_120, 2_500_000, 42_000_000];
        assert_eq!(times.map(duration), ["0 µs", "999 µs", "4.5 ms", "45 ms", "2.5 s", "42 s"]);
        assert_eq!(
            [7, 1_234, 1_234_567].map(whole),
            ["7", "1\u{202f}234", "1\u{202f}234\u{202f}567"]
        );
        let numbers = [50_123, 1_000_000, 1_234_567, 10_234_567, 123_456_789, 2_000_000_000];
        let words =
            ["50\u{202f}000", "1 million", "1.2 million", "10 million", "123 million", "2 billion"];
        assert_eq!(numbers.map(about), words);
        assert_eq!([59, 600, 10_000, 500_000].map(span), ["59 s", "10 min", "2 h", "5 days"]);
    }
}
