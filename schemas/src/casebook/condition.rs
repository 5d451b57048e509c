//! The conditions of a rule: which numbers or letters it could take.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use toml::de::DeValue;

use super::Key;
use super::findings::{Findings, listed, quoted, shortened};
use super::read::{Section, kind};
use crate::{Letter, Number};

/// When a rule matches.
pub(super) struct Condition<K> {
    /// As the casebook says it.
    pub(super) words: String,
    /// All that it could take, if no earlier rule did.
    pub(super) takes: BTreeSet<K>,
}

/// The keys of a rule that are conditions, and how they are read.
pub(super) trait Conditions: Key {
    /// Their names.
    const NAMES: &[&str];

    /// The condition of this rule; `None` if something is wrong with it, which is then found.
    fn read(rule: &Section<'_>, findings: &mut Findings) -> Option<Condition<Self>>;
}

/// The name of a condition, the values it may have, and whether a number meets it.
type Test = (&'static str, RangeInclusive<u8>, fn(u8, u8) -> bool);

const TESTS: [Test; 4] = [
    ("number", 0..=Number::MAX, |number, value| number == value),
    ("divisible_by", 1..=Number::MAX, |number, value| number.is_multiple_of(value)), // so is 0
    ("at_least", 0..=Number::MAX, |number, value| number >= value),
    ("at_most", 0..=Number::MAX, |number, value| number <= value),
];

impl Conditions for Number {
    const NAMES: &[&str] = &["number", "divisible_by", "at_least", "at_most"];

    fn read(rule: &Section<'_>, findings: &mut Findings) -> Option<Condition<Self>> {
        let mut takes: BTreeSet<_> = Self::all().collect();
        let (mut words, mut sound) = (Vec::new(), true);
        for (name, range, meets) in TESTS {
            let Some((line, value)) = rule.get(name, findings) else { continue };
            if let Some(value) = whole(value).filter(|value| range.contains(value)) {
                words.push(format!("{name} = {value}"));
                takes.retain(|number| meets(number.get(), value));
            } else {
                let (from, to) = range.into_inner();
                let wrong = format!("`{name}` is {}", shown(value));
                findings.add(line, wrong, format!("give a whole number from {from} to {to}"));
                sound = false;
            }
        }
        if words.is_empty() {
            words.push("any other".to_owned());
        }
        if takes.is_empty() {
            let wrong = format!("no number meets {} at once", listed(&words));
            findings.add(rule.line, wrong, "drop one of the conditions");
        }
        sound.then(|| Condition { words: words.join(", "), takes })
    }
}

impl Conditions for Letter {
    const NAMES: &[&str] = &["letters"];

    fn read(rule: &Section<'_>, findings: &mut Findings) -> Option<Condition<Self>> {
        const FIX: &str = "list letters from a to z, each once";
        let Some((line, value)) = rule.get("letters", findings) else {
            return Some(Condition { words: "any other".to_owned(), takes: Self::all().collect() });
        };
        let DeValue::String(text) = value else {
            findings.add(line, format!("`letters` is {}", shown(value)), format!("{FIX}: \"aei\""));
            return None;
        };
        if text.is_empty() {
            let fix = format!("{FIX}; or drop `letters`: the rule then takes any other");
            findings.add(line, "`letters` is empty", fix);
        }
        let (mut takes, mut strange, mut twice) =
            (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for letter in text.chars() {
            match Self::try_from(letter) {
                Ok(new) if takes.insert(new) => {}
                Ok(again) => drop(twice.insert(again.show())),
                Err(_) => drop(strange.insert(letter)),
            }
        }
        if !strange.is_empty() {
            let strange = quoted(&String::from_iter(&strange));
            findings.add(line, format!("`letters` has {strange}"), FIX);
        }
        if !twice.is_empty() {
            let twice = listed(&Vec::from_iter(twice));
            findings.add(line, format!("`letters` lists {twice} twice"), FIX);
        }
        let sound = !text.is_empty() && strange.is_empty();
        sound.then(|| Condition { words: format!("letters = \"{text}\""), takes })
    }
}

fn whole(value: &DeValue<'_>) -> Option<u8> {
    let DeValue::Integer(integer) = value else { return None };
    u8::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// A value of the wrong kind, or out of range, as it stands in an error.
fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::Integer(integer) => shortened(&integer.to_string()),
        other => kind(other).to_owned(),
    }
}
