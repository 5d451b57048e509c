//! The table of what is compared.

use testkit::costs::{Compared, Verdict};

/// Prints a line for each cost.
pub(super) fn print(compared: &[Compared]) {
    println!("\n{:<46} {:>12} {:>12} {:>9}", "", "baseline", "now", "change");
    compared.iter().for_each(|compared| println!("{}", line(compared)));
    println!();
}

fn line(compared: &Compared) -> String {
    let figure = |cost: Option<f64>| match cost {
        None => "-".to_owned(),
        Some(cost) if cost.fract() == 0.0 => format!("{cost:.0}"),
        Some(cost) => format!("{cost:.2}"),
    };
    let change =
        compared.change().map_or("-".to_owned(), |change| format!("{:+.1} %", change * 100.0));
    let word = match compared.verdict {
        Verdict::Ok => "ok",
        Verdict::Cheaper => "ok, cheaper: accept it",
        Verdict::Dearer => "DEARER",
        Verdict::New => "NEW: it has no baseline",
        Verdict::Gone => "GONE: it is not counted any more",
    };
    let name = format!("{}: {}", compared.name, compared.unit);
    let (before, now) = (figure(compared.before), figure(compared.now));
    format!("{name:<46} {before:>12} {now:>12} {change:>9}  {word}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_name_baseline_now_change_and_verdict() {
        let compared = Compared {
            name: "decide a list".to_owned(),
            unit: "allocations".to_owned(),
            before: Some(500.0),
            now: Some(520.5),
            verdict: Verdict::Dearer,
        };
        let shown = line(&compared);
        let words: Vec<_> = shown.split_whitespace().collect();
        assert_eq!(words.join(" "), "decide a list: allocations 500 520.50 +4.1 % DEARER");
        let new = Compared { before: None, verdict: Verdict::New, ..compared };
        assert!(line(&new).contains(" - "));
    }
}
