//! What many reasons have in common.

/// The most characters of a pattern; the column is as wide.
const LONGEST: usize = 160;

/// The reason with everything left out that differs from letter to letter: numbers, ids, and what is
/// quoted. Letters with the same pattern are one group.
pub(super) fn pattern(reason: &str) -> String {
    let mut words = Vec::new();
    let mut quoted = false;
    for word in reason.split_whitespace() {
        let quotes = word.matches('`').count() + word.matches('"').count();
        let varies = quoted || quotes > 0 && word.len() > 24 || varies(word);
        if quotes % 2 == 1 {
            quoted = !quoted;
        }
        if !varies {
            words.push(word);
        } else if words.last() != Some(&"…") {
            words.push("…");
        }
    }
    words.join(" ").chars().take(LONGEST).collect()
}

/// Whether a word has a digit in it: numbers, times, UUIDs.
fn varies(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn what_differs_from_letter_to_letter_is_left_out() {
        for (reason, expected) in [
            (
                "set-aside: it was delivered 10 times and never came to its end",
                "set-aside: it was delivered … times and never came to its end",
            ),
            (
                "invalid: `missions`: 019abc00-1111-7222-8333-444455556600 is listed twice",
                "invalid: `missions`: … is listed twice",
            ),
            (
                "expired: the deadline 1000000000000 had passed at 1795353891000",
                "expired: the deadline … had passed at …",
            ),
            ("malformed: the body is no JSON", "malformed: the body is no JSON"),
        ] {
            assert_eq!(pattern(reason), expected);
        }
    }

    #[test]
    fn a_pattern_fits_its_column() {
        assert_eq!(pattern(&"ä".repeat(600)).chars().count(), 160);
        assert_eq!(pattern(""), "");
    }
}
