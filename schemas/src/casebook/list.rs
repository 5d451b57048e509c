//! The two lists of rules, and the conditions that a rule of each can have.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use toml::de::DeValue;

use super::findings::{Findings, listed, quoted, shortened};
use super::section::{Section, kind};
use crate::{Letter, Number};

/// A list of rules in a casebook.
pub(super) trait List {
    /// What its rules decide by: the first number or the first letter of a dossier.
    type Key: Copy + Ord;

    /// Its name in TOML.
    const NAME: &str;
    /// What a key is called.
    const NOUN: &str;
    /// The names of the conditions.
    const CONDITIONS: &[&str];

    /// Every key, ascending.
    fn keys() -> impl Iterator<Item = Self::Key>;

    /// The key as text.
    fn show(key: Self::Key) -> String;

    /// The condition of this rule. If it is wrong, that is a finding, and the result is `None`.
    fn condition(rule: &Section<'_>, findings: &mut Findings) -> Option<Condition<Self::Key>>;

    /// How many keys come before this one.
    fn place(key: Self::Key) -> usize {
        Self::keys().take_while(|other| *other < key).count()
    }
}

/// When a rule matches.
pub(super) struct Condition<K> {
    /// In the words of the casebook.
    pub(super) words: String,
    /// Every key that it matches.
    pub(super) matches: BTreeSet<K>,
}

/// `[[objective]]`: the first number decides.
pub(super) struct Objectives;

/// `[[target]]`: the first letter decides.
pub(super) struct Targets;

/// The condition of a rule that has none.
const ANY_OTHER: &str = "any other";

/// The name of a condition, the values it may have, and whether a number meets it.
type Test = (&'static str, RangeInclusive<u8>, fn(u8, u8) -> bool);

const TESTS: [Test; 4] = [
    ("number", 0..=Number::MAX, |number, value| number == value),
    ("divisible_by", 1..=Number::MAX, |number, value| number.is_multiple_of(value)), // 0 is, too
    ("at_least", 0..=Number::MAX, |number, value| number >= value),
    ("at_most", 0..=Number::MAX, |number, value| number <= value),
];

impl List for Objectives {
    type Key = Number;

    const NAME: &str = "objective";
    const NOUN: &str = "number";
    const CONDITIONS: &[&str] = &["number", "divisible_by", "at_least", "at_most"];

    fn keys() -> impl Iterator<Item = Number> {
        Number::all()
    }

    fn show(key: Number) -> String {
        key.get().to_string()
    }

    fn condition(rule: &Section<'_>, findings: &mut Findings) -> Option<Condition<Number>> {
        let mut matches: BTreeSet<_> = Number::all().collect();
        let (mut words, mut correct) = (Vec::new(), true);
        for (name, range, meets) in TESTS {
            let Some((line, value)) = rule.get(name, findings) else { continue };
            if let Some(value) = whole(value).filter(|value| range.contains(value)) {
                words.push(format!("{name} = {value}"));
                matches.retain(|number| meets(number.get(), value));
            } else {
                let (from, to) = range.into_inner();
                let wrong = format!("`{name}` is {}", shown(value));
                findings.add(line, wrong, format!("give a whole number from {from} to {to}"));
                correct = false;
            }
        }
        if words.is_empty() {
            words.push(ANY_OTHER.to_owned());
        }
        if matches.is_empty() {
            let wrong = format!("no number meets {} at once", listed(&words));
            findings.add(rule.line, wrong, "drop one of the conditions");
        }
        correct.then(|| Condition { words: words.join(", "), matches })
    }
}

impl List for Targets {
    type Key = Letter;

    const NAME: &str = "target";
    const NOUN: &str = "letter";
    const CONDITIONS: &[&str] = &["letters"];

    fn keys() -> impl Iterator<Item = Letter> {
        Letter::all()
    }

    fn show(key: Letter) -> String {
        key.get().to_string()
    }

    fn condition(rule: &Section<'_>, findings: &mut Findings) -> Option<Condition<Letter>> {
        const FIX: &str = "list letters from a to z, each once";
        let Some((line, value)) = rule.get("letters", findings) else {
            let matches = Letter::all().collect();
            return Some(Condition { words: ANY_OTHER.to_owned(), matches });
        };
        let DeValue::String(text) = value else {
            findings.add(line, format!("`letters` is {}", shown(value)), format!("{FIX}: \"aei\""));
            return None;
        };
        if text.is_empty() {
            let fix = format!("{FIX}; or drop `letters`: the rule then takes any other");
            findings.add(line, "`letters` is empty", fix);
        }
        let Characters { matches, foreign, repeated } = Characters::of(text);
        if !foreign.is_empty() {
            let foreign = quoted(&String::from_iter(&foreign));
            findings.add(line, format!("`letters` has {foreign}"), FIX);
        }
        if !repeated.is_empty() {
            let repeated = listed(&Vec::from_iter(repeated));
            findings.add(line, format!("`letters` lists {repeated} twice"), FIX);
        }
        let correct = !text.is_empty() && foreign.is_empty();
        correct.then(|| Condition { words: format!("letters = \"{text}\""), matches })
    }
}

/// The characters of `letters`.
#[derive(Default)]
struct Characters {
    matches: BTreeSet<Letter>,
    /// Those that are no letters of a dossier.
    foreign: BTreeSet<char>,
    /// The letters that are listed more than once.
    repeated: BTreeSet<String>,
}

impl Characters {
    fn of(text: &str) -> Self {
        let mut read = Self::default();
        for character in text.chars() {
            match Letter::try_from(character) {
                Ok(letter) if read.matches.insert(letter) => {}
                Ok(letter) => drop(read.repeated.insert(Targets::show(letter))),
                Err(_) => drop(read.foreign.insert(character)),
            }
        }
        read
    }
}

fn whole(value: &DeValue<'_>) -> Option<u8> {
    let DeValue::Integer(integer) = value else { return None };
    u8::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// A value of the wrong type, or out of range, for a finding.
fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::Integer(integer) => shortened(&integer.to_string()),
        other => kind(other).to_owned(),
    }
}
