//! Comparing a long text with what it should be, so that a failed test is short to read.

/// How many lines of each text are shown.
const SHOWN: usize = 8;

/// Fails when two texts differ: with the lines that differ, and what to do about it.
///
/// Lines that are the same at the beginning and at the end are left out, and of the others at most
/// eight of each text are shown.
#[track_caller]
pub fn assert_same(name: &str, expected: &str, actual: &str, remedy: &str) {
    if let Some(differences) = differences(expected, actual) {
        panic!("{name} differs: {remedy}\n{differences}");
    }
}

fn differences(expected: &str, actual: &str) -> Option<String> {
    let (left, right): (Vec<_>, Vec<_>) = (expected.lines().collect(), actual.lines().collect());
    let before = left.iter().zip(&right).take_while(|(left, right)| left == right).count();
    let (left, right) = (left.get(before..)?, right.get(before..)?);
    let after = left.iter().rev().zip(right.iter().rev()).take_while(|(l, r)| l == r).count();
    let (left, right) = (left.get(..left.len() - after)?, right.get(..right.len() - after)?);
    if left.is_empty() && right.is_empty() {
        return None;
    }
    let mut shown = format!("line {}:", before + 1);
    for (sign, lines) in [('-', left), ('+', right)] {
        for line in lines.iter().take(SHOWN) {
            shown.push_str(&format!("\n{sign} {line}"));
        }
        if lines.len() > SHOWN {
            shown.push_str(&format!("\n{sign} … and {} lines more", lines.len() - SHOWN));
        }
    }
    Some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_lines_that_differ_are_shown() {
        assert_eq!(differences("a\nb\n", "a\nb\n"), None);
        assert_eq!(differences("a\nb\nc\n", "a\nx\ny\nc\n").unwrap(), "line 2:\n- b\n+ x\n+ y");
        assert_eq!(differences("a\n", "a\nb\n").unwrap(), "line 2:\n+ b");
    }

    #[test]
    fn a_text_of_many_lines_is_cut() {
        let long = "x\n".repeat(1_000);
        let shown = differences("", &long).unwrap();
        assert!(shown.lines().count() < 12 && shown.ends_with("+ … and 992 lines more"));
    }
}
