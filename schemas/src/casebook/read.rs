//! From TOML to a casebook.

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::coverage::{self, Draft};
use super::findings::{CasebookError, Findings, quoted};
use super::list::{List, Objectives, Targets};
use super::rule::{Rule, Table};
use super::section::{Section, kind};
use crate::Text;

/// The longest text that is read, in bytes.
pub(super) const MAX_BYTES: usize = 64 * 1024;

/// Reads the name, the objectives and the targets of a casebook, or finds everything that is wrong
/// with them. A byte order mark at the start is skipped.
pub(super) fn casebook(toml: &str) -> Result<(Text, Table, Table), CasebookError> {
    let toml = toml.strip_prefix('\u{feff}').unwrap_or(toml);
    let mut findings = Findings::of(toml);
    if toml.len() > MAX_BYTES {
        let wrong = format!("the casebook has {} bytes", toml.len());
        findings.add(1, wrong, format!("cut it down to {MAX_BYTES}"));
        return Err(findings.into_error());
    }
    let (document, errors) = DeTable::parse_recoverable(toml);
    if !errors.is_empty() {
        add_toml_errors(&errors, &mut findings);
        return Err(findings.into_error()); // the rest cannot be read with certainty
    }
    let document = Section::of(1, document.get_ref());
    let keys = ["name", Objectives::NAME, Targets::NAME];
    document.has_only(&keys, "the casebook", &mut findings);
    let name = name(&document, &mut findings);
    let objectives = table::<Objectives>(&document, &mut findings);
    let targets = table::<Targets>(&document, &mut findings);
    match (name, objectives, targets) {
        (Some(name), Some(objectives), Some(targets)) if findings.is_empty() => {
            Ok((name, objectives, targets))
        }
        _ => Err(findings.into_error()),
    }
}

/// Adds the first error of each line: the others mostly follow from it.
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

fn name(document: &Section<'_>, findings: &mut Findings) -> Option<Text> {
    const FIX: &str = "give 1 to 63 of a-z, 0-9 and -, as in `name = \"my-agency\"`";
    let (line, name) = document.text("name", FIX, findings)?;
    // It becomes a word of a routing key; points separate the words.
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.as_str().chars().all(plain) {
        return Some(name);
    }
    findings.add(line, format!("`name` is {}", quoted(name.as_str())), FIX);
    None
}

/// The rules of one list. If something is wrong, that is a finding, and the result is `None`.
fn table<L: List>(document: &Section<'_>, findings: &mut Findings) -> Option<Table> {
    let list = L::NAME;
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
    let drafts: Vec<_> = rules.iter().map(|rule| draft::<L>(rule, findings)).collect();
    coverage::table::<L>(&drafts, findings)
}

fn draft<L: List>(rule: &Spanned<DeValue<'_>>, findings: &mut Findings) -> Draft<L::Key> {
    let line = findings.line(&rule.span());
    let DeValue::Table(entries) = rule.get_ref() else {
        let fix = format!("write `[[{}]]` above each rule", L::NAME);
        findings.add(line, format!("a rule is {}", kind(rule.get_ref())), fix);
        return Draft { line, matches: None, rule: None };
    };
    let section = Section::of(line, entries);
    let keys = [L::CONDITIONS, &["text"]].concat();
    let known = section.has_only(&keys, &format!("`[[{}]]`", L::NAME), findings);
    let fix = "give 1 to 63 characters, without spaces around them, as in `text = \"…\"`";
    let text = section.text("text", fix, findings);
    // An unknown key may be a misspelt condition: without it the rule would match everything.
    let condition = L::condition(&section, findings).filter(|_| known);
    let (words, matches) = condition.map(|condition| (condition.words, condition.matches)).unzip();
    let rule = words.zip(text).map(|(condition, (_, text))| Rule { line, condition, text });
    Draft { line, matches, rule: rule.map(Arc::new) }
}
