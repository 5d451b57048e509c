//! Casebooks.

use rand::SeedableRng;
use rand::rngs::SmallRng;
use schemas::{Casebook, Draw, Drawn};

/// A casebook that can be read decides every dossier.
pub(crate) fn casebook(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let id = "019abc00-1111-7222-8333-444455556600".parse().expect("this is an id");
    match Casebook::parse(text) {
        Ok(casebook) => {
            let mut random = SmallRng::seed_from_u64(bytes.len() as u64);
            for _ in 0..8 {
                let decision = casebook.decide(id, &Drawn::draw(&mut random));
                assert!(!decision.objective.as_str().is_empty());
            }
        }
        Err(wrong) => assert!(!wrong.to_string().is_empty()),
    }
}
