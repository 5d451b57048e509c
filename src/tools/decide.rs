//! `spymission decide`: which rules of a casebook apply to a dossier.

use std::fmt::Write;

use schemas::casebook::Rule;
use schemas::{Casebook, Dossier};

use crate::cli::Decide;
use crate::failure::Failure;
use crate::output;
use crate::settings::WrongSetting;

/// Explains a dossier.
///
/// # Errors
/// The dossier or the casebook is wrong, or the output cannot be written.
pub(crate) fn run(settings: &Decide) -> Result<(), Failure> {
    // A dossier without quotes, or with several spaces, is accepted, too.
    let words: Vec<_> = settings.dossier.iter().flat_map(|part| part.split_whitespace()).collect();
    let dossier =
        words.join(" ").parse().map_err(|wrong| WrongSetting::new("the dossier", wrong))?;
    output::say(&explained(&settings.rules.casebook()?, &dossier))
}

/// The first number and letter, every rule up to the one that matches, and the mission.
fn explained(casebook: &Casebook, dossier: &Dossier) -> String {
    let why = casebook.explain(dossier);
    let (number, letter) = (why.number.get(), why.letter.get());
    let mut text = format!("dossier   {dossier}\ncasebook  {}\n", casebook.name());
    // Writing to a String never fails.
    let _ = writeln!(text, "\nThe first number, {number}, chooses the objective:");
    push_rules(&mut text, casebook.objectives(), why.objective);
    let _ = writeln!(text, "\nThe first letter, {letter}, chooses the target:");
    push_rules(&mut text, casebook.targets(), why.target);
    let _ = writeln!(text, "\n{} {}", why.objective.text, why.target.text);
    text
}

fn push_rules<'a>(text: &mut String, rules: impl Iterator<Item = &'a Rule>, matches: &Rule) {
    let rules: Vec<_> = rules.collect();
    let tried = rules.iter().position(|rule| *rule == matches).unwrap_or(0) + 1;
    let width = rules.iter().take(tried).map(|rule| rule.condition.chars().count()).max();
    let width = width.unwrap_or(0);
    for (i, Rule { line, condition, text: gives }) in rules.iter().take(tried).enumerate() {
        let word = if i + 1 == tried { "yes:" } else { "no: " };
        let _ = writeln!(text, "  {word} {condition:<width$}  line {line:<3} {gives}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_shown_up_to_the_one_that_matches() {
        let dossier = "10 k 4 a 7 k 0 b 12 q 3 m".parse().unwrap();
        let text = explained(&Casebook::malory().unwrap(), &dossier);
        let told: Vec<_> = text.lines().filter(|line| line.starts_with("  ")).collect();
        let words = |line: &&str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        let told: Vec<_> = told.iter().map(words).collect();
        let [no1, no2, yes1, no3, no4, no5, yes2] = &told[..] else { panic!("{text}") };
        assert!(no1.starts_with("no: number = 19 line "), "{text}");
        assert!(no2.starts_with("no: divisible_by = 3 line "), "{text}");
        assert!(yes1.starts_with("yes: at_least = 10 line "), "{text}");
        assert!(yes1.ends_with("Collect information about"), "{text}");
        assert!([no3, no4, no5].iter().all(|rule| rule.starts_with("no: letters")), "{text}");
        assert!(yes2.starts_with("yes: letters = \"klmnpqr\""), "{text}");
        assert!(text.ends_with("\nCollect information about the head of Odin\n"), "{text}");
    }
}
