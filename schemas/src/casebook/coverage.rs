//! Each number and letter has a rule, and each rule has a number or letter.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::findings::{Findings, listed};
use super::list::List;
use super::rule::{Rule, Table};

/// A rule as it was read. What is wrong with it is a finding already.
pub(super) struct Draft<K> {
    /// The line on which it begins.
    pub(super) line: usize,
    /// Every key that it matches; `None` if its condition is wrong.
    pub(super) matches: Option<BTreeSet<K>>,
    /// The rule; `None` if anything in it is wrong.
    pub(super) rule: Option<Arc<Rule>>,
}

/// Gives each key to the first rule that matches it. If a rule or key is left over, that is a
/// finding, and the result is `None`.
pub(super) fn table<L: List>(drafts: &[Draft<L::Key>], findings: &mut Findings) -> Option<Table> {
    let mut owners: BTreeMap<L::Key, &Draft<L::Key>> = BTreeMap::new();
    for draft in drafts {
        let keys: Vec<L::Key> = draft.matches.iter().flatten().copied().collect();
        let earlier: Vec<_> = keys.iter().filter_map(|key| owners.get(key)).collect();
        if earlier.len() == keys.len() && !keys.is_empty() {
            let lines = earlier.iter().map(|earlier| earlier.line).collect::<BTreeSet<_>>();
            add_idle::<L>(draft.line, &lines, findings);
        }
        for key in keys {
            owners.entry(key).or_insert(draft);
        }
    }
    // A rule whose condition is wrong may be the one that fills the gap.
    if drafts.iter().all(|draft| draft.matches.is_some()) {
        let gap: Vec<L::Key> = L::keys().filter(|key| !owners.contains_key(key)).collect();
        add_gap::<L>(&gap, drafts.last().map_or(1, |draft| draft.line), findings);
    }
    let rules = L::keys().map(|key| owners.get(&key).and_then(|draft| draft.rule.clone()));
    let mut rules = rules.collect::<Option<Vec<_>>>()?;
    let last = rules.pop()?;
    let in_order = drafts.iter().filter_map(|draft| draft.rule.clone()).collect();
    Some(Table { in_order, all_but_last: rules, last })
}

fn add_idle<L: List>(line: usize, earlier: &BTreeSet<usize>, findings: &mut Findings) {
    let lines: Vec<_> = earlier.iter().map(usize::to_string).collect();
    let (lines, noun) = (listed(&lines), L::NOUN);
    let rules = match earlier.len() {
        1 => format!("the rule of line {lines} takes"),
        _ => format!("the rules of lines {lines} take"),
    };
    let wrong = format!("this rule never matches: {rules} every {noun} that it could");
    findings.add(line, wrong, "move it further up, or remove it");
}

fn add_gap<L: List>(gap: &[L::Key], line: usize, findings: &mut Findings) {
    let (list, noun) = (L::NAME, L::NOUN);
    let plural = match gap.len() {
        0 => return,
        1 => "",
        _ => "s",
    };
    let wrong = format!("no `[[{list}]]` matches the {noun}{plural} {}", listed(&runs::<L>(gap)));
    let fix = format!("end with one more `[[{list}]]` that has only a `text`: it takes any other");
    findings.add(line, wrong, fix);
}

/// Three or more keys in a row as `k to m`, each other key as itself.
fn runs<L: List>(keys: &[L::Key]) -> Vec<String> {
    let in_a_row = |run: &[L::Key]| match run {
        [first, _, .., last] => vec![format!("{} to {}", L::show(*first), L::show(*last))],
        few => few.iter().map(|key| L::show(*key)).collect(),
    };
    let follows = |one: &L::Key, next: &L::Key| L::place(*one) + 1 == L::place(*next);
    keys.chunk_by(follows).flat_map(in_a_row).collect()
}
