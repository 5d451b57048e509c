//! The rules of the built-in casebook. Only the deciders know those of another one.

use std::sync::LazyLock;

use schemas::casebook::Explanation;
use schemas::{Casebook, Dossier, Letter, Mission, Number};

static MALORY: LazyLock<Option<Casebook>> = LazyLock::new(|| Casebook::malory().ok());
static TEXTS: LazyLock<(Vec<String>, Vec<String>)> = LazyLock::new(all_texts);

/// The built-in casebook.
pub(super) fn built_in() -> Option<&'static Casebook> {
    MALORY.as_ref()
}

/// The rules that gave this mission, if they are those of the built-in casebook. Another casebook may
/// have the same name, so the texts are compared.
pub(super) fn why(mission: &Mission) -> Option<Explanation<'static>> {
    let casebook = MALORY.as_ref().filter(|casebook| *casebook.name() == mission.casebook)?;
    let why = casebook.explain(&mission.dossier);
    let same = why.objective.text == mission.objective && why.target.text == mission.target;
    same.then_some(why)
}

/// The objectives and the targets of the built-in casebook, for the form.
pub(super) fn texts() -> (&'static [String], &'static [String]) {
    (&TEXTS.0, &TEXTS.1)
}

fn all_texts() -> (Vec<String>, Vec<String>) {
    let Some(casebook) = MALORY.as_ref() else { return Default::default() };
    let (mut objectives, mut targets) = (Vec::new(), Vec::new());
    for number in Number::all() {
        for letter in Letter::all() {
            let dossier = Dossier { numbers: [number; 6].into(), letters: [letter; 6].into() };
            let why = casebook.explain(&dossier);
            once(&mut objectives, why.objective.text.as_str());
            once(&mut targets, why.target.text.as_str());
        }
    }
    (objectives, targets)
}

fn once(texts: &mut Vec<String>, text: &str) {
    if !texts.iter().any(|known| known == text) {
        texts.push(text.to_owned());
    }
}
