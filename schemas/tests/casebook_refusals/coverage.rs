//! Rules that do not fit together: gaps, and rules that never match.

use crate::{letters, numbers, refusal};

const ANY: &str = "that has only a `text`: it takes any other";

#[test]
fn conditions_that_no_number_meets_are_refused() {
    let rules =
        "[[objective]]\nat_most = 3\nat_least = 5\ntext = \"a\"\n[[objective]]\ntext = \"b\"";
    assert_eq!(
        refusal(&numbers(rules)),
        "line 3: no number meets at_least = 5 and at_most = 3 at once; \
         fix: drop one of the conditions"
    );
}

#[test]
fn a_gap_is_refused_and_its_numbers_or_letters_are_named() {
    let rule =
        "[[objective]]\nat_most = 3\ntext = \"a\"\n[[objective]]\ndivisible_by = 2\ntext = \"b\"";
    assert_eq!(
        refusal(&numbers(rule)),
        format!(
            "line 6: no `[[objective]]` matches the numbers 5, 7, 9, 11, 13, 15, 17 and 19; \
             fix: end with one more `[[objective]]` {ANY}"
        )
    );
    let target = |letters_of_rule: &str| {
        refusal(&letters(&format!("[[target]]\nletters = \"{letters_of_rule}\"\ntext = \"home\"")))
    };
    let fix = format!("fix: end with one more `[[target]]` {ANY}");
    let all_but_z = String::from_iter('a'..='y');
    assert_eq!(target(&all_but_z), format!("line 3: no `[[target]]` matches the letter z; {fix}"));
    assert_eq!(
        target("adfgz"),
        format!("line 3: no `[[target]]` matches the letters b, c, e and h to y; {fix}")
    );
}

#[test]
fn rules_that_never_match_are_refused_with_the_rules_before_them() {
    let rules = "[[objective]]\nnumber = 3\ntext = \"a\"\n[[objective]]\nat_most = 9\ntext = \"b\"\n\
                 [[objective]]\nat_least = 2\nat_most = 4\ntext = \"c\"\n[[objective]]\ntext = \"d\"\n\
                 [[objective]]\nnumber = 12\ntext = \"e\"";
    assert_eq!(
        refusal(&numbers(rules)),
        "line 9: this rule never matches: the rules of lines 3 and 6 take every number that it \
         could; fix: move it further up, or remove it\n\
         line 15: this rule never matches: the rule of line 13 takes every number that it could; \
         fix: move it further up, or remove it"
    );
}

#[test]
fn a_wrong_rule_is_told_once_and_not_again_as_a_gap_or_as_the_taker_of_all() {
    let rules = "[[objective]]\nnumbr = 3\ntext = \"a\"\n[[objective]]\nat_least = 2\ntext = \"b\"";
    let refusal = refusal(&numbers(rules));
    assert_eq!(refusal.lines().count(), 1, "{refusal}");
}
