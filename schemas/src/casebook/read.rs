//! From TOML to a casebook.

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::condition::Conditions;
use super::coverage::{self, Draft};
use super::findings::{Findings, listed, quoted, shortened};
use super::{Casebook, CasebookError, Rule, Table};
use crate::{Letter, Number, Text};

/// Reads a casebook, and finds whatever is wrong with it. A byte order mark at the start is skipped.
pub(super) fn casebook(toml: &str) -> Result<Casebook, CasebookError> {
    let toml = toml.strip_prefix('\u{feff}').unwrap_or(toml);
    let mut findings = Findings::of(toml);
    if toml.len() > Casebook::MAX_BYTES {
        let wrong = format!("the casebook has {} bytes", toml.len());
        findings.add(1, wrong, format!("cut it down to {}", Casebook::MAX_BYTES));
        return Err(findings.into_error());
    }
    let (document, errors) = DeTable::parse_recoverable(toml);
    if !errors.is_empty() {
        add_toml_errors(&errors, &mut findings);
        return Err(findings.into_error()); // what the rest means is anybody's guess
    }
    let document = Section { line: 1, entries: document.get_ref() };
    document.know("the casebook", &["name", "objective", "target"], &mut findings);
    let name = name(&document, &mut findings);
    let objectives = table::<Number>(&document, &mut findings);
    let targets = table::<Letter>(&document, &mut findings);
    match (name, objectives, targets) {
        (Some(name), Some(objectives), Some(targets)) if findings.is_empty() => {
            Ok(Casebook { name, objectives, targets })
        }
        _ => Err(findings.into_error()),
    }
}

/// The first error of each line: the others are mostly its echo.
fn add_toml_errors(errors: &[toml::de::Error], findings: &mut Findings) {
    let at_end = usize::MAX..usize::MAX;
    let place = |error: &toml::de::Error| error.span().unwrap_or(at_end.clone());
    let mut errors: Vec<_> = errors.iter().map(|error| (place(error), error.message())).collect();
    errors.sort_by_key(|(place, _)| place.start);
    errors.dedup_by_key(|(place, _)| findings.line(place));
    for (place, message) in errors {
        let fix = "write it as TOML: `[[objective]]` or `[[target]]`, then `key = \"text\"`";
        findings.add(findings.line(&place), format!("not TOML: {message}"), fix);
    }
}

/// A table of the TOML text.
pub(super) struct Section<'a> {
    /// The line on which it begins.
    pub(super) line: usize,
    entries: &'a DeTable<'a>,
}

impl<'a> Section<'a> {
    /// The value of this key, and its line.
    pub(super) fn get(&self, key: &str, findings: &Findings) -> Option<(usize, &'a DeValue<'a>)> {
        let (key, value) = self.entries.get_key_value(key)?;
        Some((findings.line(&key.span()), value.get_ref()))
    }

    /// Whether all its keys are among these; those that are not are found.
    fn know(&self, whole: &str, keys: &[&str], findings: &mut Findings) -> bool {
        let unknown = self.entries.keys().filter(|key| !keys.contains(&key.get_ref().as_ref()));
        let mut all_known = true;
        for key in unknown {
            let known: Vec<_> = keys.iter().map(|key| format!("`{key}`")).collect();
            let wrong = format!("{whole} has no key `{}`", shortened(key.get_ref()));
            let fix = format!("its keys are {}", listed(&known));
            findings.add(findings.line(&key.span()), wrong, fix);
            all_known = false;
        }
        all_known
    }

    /// The text of this key; `None` if it is missing or wrong, which is then found.
    fn text(&self, key: &str, fix: &str, findings: &mut Findings) -> Option<(usize, Text)> {
        let Some((line, value)) = self.get(key, findings) else {
            findings.add(self.line, format!("`{key}` is missing"), fix);
            return None;
        };
        let text = match value {
            DeValue::String(text) => text.parse().map_err(|wrong| format!("`{key}`: {wrong}")),
            other => Err(format!("`{key}` is {}", kind(other))),
        };
        text.map_err(|wrong| findings.add(line, wrong, fix)).ok().map(|text| (line, text))
    }
}

fn name(document: &Section<'_>, findings: &mut Findings) -> Option<Text> {
    const FIX: &str = "give 1 to 63 of a-z, 0-9 and -, as in `name = \"my-agency\"`";
    let (line, name) = document.text("name", FIX, findings)?;
    // It becomes part of a routing key, whose parts are divided by points.
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.as_str().chars().all(plain) {
        return Some(name);
    }
    findings.add(line, format!("`name` is {}", quoted(name.as_str())), FIX);
    None
}

/// The table of one list of rules; `None` if something is wrong, which is then found.
fn table<K: Conditions>(document: &Section<'_>, findings: &mut Findings) -> Option<Table> {
    let list = K::LIST;
    let fix = format!("add one: `[[{list}]]`, and below it `text = \"…\"`");
    let (line, rules) = match document.get(list, findings) {
        None => (1, None),
        Some((line, DeValue::Array(rules))) => (line, Some(rules)),
        Some((line, other)) => {
            let fix = format!("write `[[{list}]]`, with two brackets, above each rule");
            findings.add(line, format!("`{list}` is {}", kind(other)), fix);
            return None;
        }
    };
    let rules = rules.filter(|rules| !rules.is_empty());
    let Some(rules) = rules else {
        findings.add(line, format!("there is no `[[{list}]]`"), fix);
        return None;
    };
    let drafts: Vec<Draft<K>> = rules.iter().map(|rule| draft(rule, findings)).collect();
    coverage::table(&drafts, findings)
}

fn draft<K: Conditions>(rule: &Spanned<DeValue<'_>>, findings: &mut Findings) -> Draft<K> {
    let line = findings.line(&rule.span());
    let DeValue::Table(entries) = rule.get_ref() else {
        let fix = format!("write `[[{}]]` above each rule", K::LIST);
        findings.add(line, format!("a rule is {}", kind(rule.get_ref())), fix);
        return Draft { line, takes: None, rule: None };
    };
    let section = Section { line, entries };
    let keys = [K::NAMES, &["text"]].concat();
    let known = section.know(&format!("`[[{}]]`", K::LIST), &keys, findings);
    let fix = "give 1 to 63 characters, without spaces around them, as in `text = \"…\"`";
    let text = section.text("text", fix, findings);
    // A misspelt condition is one too: without it the rule would seem to take everything.
    let condition = K::read(&section, findings).filter(|_| known);
    let (words, takes) = condition.map(|condition| (condition.words, condition.takes)).unzip();
    let rule = words.zip(text).map(|(condition, (_, text))| Rule { line, condition, text });
    Draft { line, takes, rule: rule.map(Arc::new) }
}

/// What kind of value this is.
pub(super) fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}
