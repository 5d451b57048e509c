//! Every number and letter has a rule, and every rule has a number or letter.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::findings::{Findings, listed};
use super::{Key, Rule, Table};

/// A rule as it is read; what was wrong with it is found already.
pub(super) struct Draft<K> {
    /// The line on which it begins.
    pub(super) line: usize,
    /// All that it could take; `None` if its condition is wrong.
    pub(super) takes: Option<BTreeSet<K>>,
    /// The rule; `None` if anything about it is wrong.
    pub(super) rule: Option<Arc<Rule>>,
}

/// Gives every key to the first rule that takes it; `None` if something is wrong, which is then
/// found.
pub(super) fn table<K: Key>(drafts: &[Draft<K>], findings: &mut Findings) -> Option<Table> {
    let mut takers: BTreeMap<K, &Draft<K>> = BTreeMap::new();
    for draft in drafts {
        let takes: Vec<K> = draft.takes.iter().flatten().copied().collect();
        let earlier: Vec<_> = takes.iter().filter_map(|key| takers.get(key)).collect();
        if earlier.len() == takes.len() && !takes.is_empty() {
            let lines = earlier.iter().map(|earlier| earlier.line).collect::<BTreeSet<_>>();
            add_idle::<K>(draft.line, &lines, findings);
        }
        for key in takes {
            takers.entry(key).or_insert(draft);
        }
    }
    // A rule whose condition is wrong may be the one that was to fill the gap.
    if drafts.iter().all(|draft| draft.takes.is_some()) {
        let gap: Vec<K> = K::all().filter(|key| !takers.contains_key(key)).collect();
        add_gap(&gap, drafts.last().map_or(1, |draft| draft.line), findings);
    }
    let rules = K::all().map(|key| takers.get(&key).and_then(|draft| draft.rule.clone()));
    let mut rules = rules.collect::<Option<Vec<_>>>()?;
    let last = rules.pop()?;
    let in_order = drafts.iter().filter_map(|draft| draft.rule.clone()).collect();
    Some(Table { in_order, all_but_last: rules, last })
}

fn add_idle<K: Key>(line: usize, earlier: &BTreeSet<usize>, findings: &mut Findings) {
    let lines: Vec<_> = earlier.iter().map(usize::to_string).collect();
    let (lines, noun) = (listed(&lines), K::NOUN);
    let rules = match earlier.len() {
        1 => format!("the rule of line {lines} takes"),
        _ => format!("the rules of lines {lines} take"),
    };
    let wrong = format!("this rule never matches: {rules} every {noun} that it could");
    findings.add(line, wrong, "move it further up, or remove it");
}

fn add_gap<K: Key>(gap: &[K], line: usize, findings: &mut Findings) {
    let (list, noun) = (K::LIST, K::NOUN);
    let plural = match gap.len() {
        0 => return,
        1 => "",
        _ => "s",
    };
    let wrong = format!("no `[[{list}]]` matches the {noun}{plural} {}", listed(&runs(gap)));
    let fix = format!("end with one more `[[{list}]]` that has only a `text`: it takes any other");
    findings.add(line, wrong, fix);
}

/// Three or more in a row as `k to m`, all others by themselves.
fn runs<K: Key>(keys: &[K]) -> Vec<String> {
    let in_a_row = |run: &[K]| match run {
        [first, _, .., last] => vec![format!("{} to {}", first.show(), last.show())],
        few => few.iter().map(|key| key.show()).collect(),
    };
    keys.chunk_by(|one, next| one.place() + 1 == next.place()).flat_map(in_a_row).collect()
}
