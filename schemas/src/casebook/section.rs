//! A table of the TOML text, and how its keys are read.

use toml::de::{DeTable, DeValue};

use super::findings::{Findings, listed, shortened};
use crate::Text;

/// A table of the TOML text.
pub(super) struct Section<'a> {
    /// The line on which it begins.
    pub(super) line: usize,
    entries: &'a DeTable<'a>,
}

impl<'a> Section<'a> {
    /// The table that begins on this line.
    pub(super) fn of(line: usize, entries: &'a DeTable<'a>) -> Self {
        Self { line, entries }
    }

    /// The value of this key, and its line.
    pub(super) fn get(&self, key: &str, findings: &Findings) -> Option<(usize, &'a DeValue<'a>)> {
        let (key, value) = self.entries.get_key_value(key)?;
        Some((findings.line(&key.span()), value.get_ref()))
    }

    /// Whether it has these keys only. Each other key is a finding; `whole` names the table there.
    pub(super) fn has_only(&self, keys: &[&str], whole: &str, findings: &mut Findings) -> bool {
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

    /// The text of this key, and its line. If the text is missing or wrong, that is a finding, and
    /// the result is `None`.
    pub(super) fn text(
        &self,
        key: &str,
        fix: &str,
        findings: &mut Findings,
    ) -> Option<(usize, Text)> {
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

/// The type of a value, for a finding.
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
