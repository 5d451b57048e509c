//! The default casebook follows the table of its rules, and casebooks of users work.

use proptest::prelude::*;
use schemas::{Casebook, Decision, Dossier, MissionId};

/// The rules of the default casebook, written a second time on purpose.
fn objective(number: u8) -> &'static str {
    match number {
        19 => "Steal the DB_URI from",
        0 | 3 | 6 | 9 | 12 | 15 | 18 => "Follow",
        10 | 11 | 13 | 14 | 16 | 17 => "Collect information about",
        _ => "Meet with",
    }
}

fn target(letter: char) -> &'static str {
    match letter {
        'z' => "the flask developer",
        'a' | 'e' | 'i' | 'o' | 'u' => "the double agent",
        'b' | 'c' | 'd' | 'f' | 'g' | 'h' | 'j' => "the dictator",
        'k' | 'l' | 'm' | 'n' | 'p' | 'q' | 'r' => "the head of Odin",
        _ => "Duchess",
    }
}

/// Every pair of first number and first letter, with a dossier that begins with it.
fn pairs() -> impl Iterator<Item = (u8, char, Result<Dossier, String>)> {
    let pairs = (0..=19).flat_map(|number| ('a'..='z').map(move |letter| (number, letter)));
    pairs.map(|(number, letter)| {
        // The rest differs from the beginning, so that a look at another place gives another result.
        let (other, another) = ((number + 7) % 20, if letter == 'z' { 'a' } else { 'z' });
        let rest = format!(" {other} {another}").repeat(5);
        let dossier = format!("{number} {letter}{rest}").parse::<Dossier>();
        (number, letter, dossier.map_err(|error| error.to_string()))
    })
}

fn id() -> MissionId {
    uuid::Uuid::from_u128(7).into()
}

#[test]
fn all_520_pairs_of_first_number_and_first_letter_follow_the_table() {
    let malory = Casebook::malory().unwrap();
    let mut checked = 0;
    for (number, letter, dossier) in pairs() {
        let dossier = dossier.unwrap();
        let decision = malory.decide(id(), &dossier.with_example_parts());
        assert_eq!(decision.objective.as_str(), objective(number), "{number}");
        assert_eq!(decision.target.as_str(), target(letter), "{letter}");
        let Decision { id: decided, dossier: kept, casebook, .. } = decision;
        assert_eq!((decided, kept, casebook.as_str()), (id(), dossier, "malory"));
        checked += 1;
    }
    assert_eq!(checked, 520);
}

#[test]
fn the_example_is_the_flask_developer() {
    let dossier: Dossier = "19 z 4 a 7 k 0 b 12 q 3 m".parse().unwrap();
    let decision = Casebook::malory().unwrap().decide(id(), &dossier.with_example_parts());
    let reads = format!("{} {}", decision.objective, decision.target);
    assert_eq!(reads, "Steal the DB_URI from the flask developer");
}

const POSTCARDS: &str = r#"
name = "postcards-4-all"

[[objective]]
divisible_by = 5
at_least = 1
at_most = 0x0a
text = "Send a postcard to"

[[objective]]
text = "Water the plants of"

[[target]]
letters = "xyz"
text = "Zoë’s neighbour"

[[target]]
text = "the ambassador"
"#;

#[test]
fn a_users_own_casebook_works_and_all_conditions_of_a_rule_must_hold() {
    let casebook = Casebook::parse(POSTCARDS).unwrap();
    assert_eq!(casebook.name().as_str(), "postcards-4-all");
    for (number, letter, dossier) in pairs() {
        let decision = casebook.decide(id(), &dossier.unwrap().with_example_parts());
        let postcard = matches!(number, 5 | 10);
        assert_eq!(decision.objective.as_str() == "Send a postcard to", postcard, "{number}");
        assert_eq!(decision.target.as_str() == "Zoë’s neighbour", letter >= 'x', "{letter}");
        assert_eq!(decision.casebook.as_str(), "postcards-4-all");
    }
}

#[test]
fn a_casebook_with_windows_line_ends_or_inline_rules_works() {
    assert!(Casebook::parse(&POSTCARDS.replace('\n', "\r\n")).is_ok());
    let inline = "name = 'x'\nobjective = [{text = 'Call'}]\ntarget = [{text = 'home'}]";
    assert!(Casebook::parse(inline).is_ok());
}

#[test]
fn an_explanation_names_the_rules_that_decided() {
    let dossier = "10 s 4 a 7 k 0 b 12 q 3 m".parse().unwrap();
    let casebook = Casebook::parse(POSTCARDS).unwrap();
    assert_eq!(
        casebook.explain(&dossier).to_string(),
        "first number 10: Send a postcard to \
         (line 4: divisible_by = 5, at_least = 1, at_most = 10)\n\
         first letter s: the ambassador (line 17: any other)"
    );
}

#[test]
fn an_explanation_agrees_with_the_decision() {
    let malory = Casebook::malory().unwrap();
    for (_, _, dossier) in pairs() {
        let dossier = dossier.unwrap();
        let (why, decision) =
            (malory.explain(&dossier), malory.decide(id(), &dossier.with_example_parts()));
        assert_eq!(why.objective.text, decision.objective);
        assert_eq!(why.target.text, decision.target);
    }
}

/// Deep nesting must not exhaust the stack, and long lists must not take long. Each text has the 64 KiB
/// that are read.
#[test]
fn no_text_of_64_kib_makes_the_parser_panic_or_slow() {
    let begun = std::time::Instant::now();
    for (begin, repeated, end) in [
        ("x = ", "[", ""),
        ("x = ", "{a=", ""),
        ("a", ".a", " = 1"),
        ("[a", ".a", "]"),
        ("", "[[objective]]\n", ""),
        ("", "a\n", ""),
        ("", "\n", ""),
        ("x = \"", "\\", ""),
        ("name = \"", "\u{1}", "\""),
    ] {
        let room = Casebook::MAX_BYTES - begin.len() - end.len();
        let text = format!("{begin}{}{end}", repeated.repeat(room / repeated.len()));
        assert!(Casebook::parse(&text).is_err(), "{begin}{repeated}{end}");
    }
    assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
}

/// Texts that are almost casebooks: lines of real ones in any order, and a few wrong lines.
fn nearly_a_casebook() -> impl Strategy<Value = String> {
    let lines: Vec<&str> = POSTCARDS
        .lines()
        .chain(Casebook::MALORY.lines())
        .chain([
            "number = -1",
            "number = 1e9",
            "letters = []",
            "[target]",
            "text = \"\\u0000\"",
            "=",
            "[[",
        ])
        .collect();
    prop::collection::vec(prop::sample::select(lines), 0..40).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_parser_panic(text in ".*") {
        if let Err(error) = Casebook::parse(&text) {
            let told = error.to_string();
            prop_assert!(told.lines().all(|line| line.starts_with("line ")), "{}", told);
        }
    }

    #[test]
    fn nothing_nearly_a_casebook_makes_the_parser_panic(text in nearly_a_casebook()) {
        let lines = text.lines().count().max(1);
        match Casebook::parse(&text) {
            Ok(casebook) => for (_, _, dossier) in pairs().step_by(37) {
                casebook.decide(id(), &dossier.map_err(TestCaseError::fail)?.with_example_parts());
            },
            Err(error) => for finding in error.findings() {
                prop_assert!((1..=lines + 1).contains(&finding.line), "{}", error);
            },
        }
    }
}

#[test]
fn a_byte_order_mark_before_a_casebook_is_skipped() {
    let casebook = Casebook::parse(&format!("\u{feff}{}", Casebook::MALORY)).unwrap();
    assert_eq!(casebook.name().as_str(), "malory");
}

#[test]
fn a_casebook_shows_its_rules_in_its_own_order() {
    let casebook = Casebook::malory().unwrap();
    let objectives: Vec<_> = casebook.objectives().map(|rule| rule.text.to_string()).collect();
    assert_eq!((objectives.len(), objectives[0].as_str()), (4, objective(19)));
    let targets: Vec<_> = casebook.targets().map(|rule| rule.text.to_string()).collect();
    assert_eq!((targets.len(), targets[0].as_str()), (5, target('z')));
}
