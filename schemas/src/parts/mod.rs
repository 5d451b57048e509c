//! The parts of a mission: what the workers draw. Each is declared once, in this file. Its queue,
//! message type, JSON Schema, role and rights follow from the declaration, and so does all that the
//! documents say about it.

mod declare;
mod draw;
mod letters;
mod numbers;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use declare::parts;
pub use draw::Draw;
pub(crate) use draw::SIX;
pub use letters::{Letter, Letters};
pub use numbers::{Number, Numbers};

parts! {
    /// Six numbers. The first chooses the objective.
    Number = "number" draws "six numbers" from "mission.numbers"
        replies NumberParts { numbers: Numbers },
    /// Six letters. The first chooses the target.
    Letter = "letter" draws "six letters" from "mission.letters"
        replies LetterParts { letters: Letters },
}

/// Why the reply of a worker cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WrongReply {
    /// Another reply for the same part arrived before it.
    #[error("another reply for the same part arrived before it")]
    Late,
    /// It cannot be read.
    #[error("{0}")]
    Malformed(serde_json::Error),
    /// It has parts for another number of missions.
    #[error("it has parts for {has} missions; the request has {wanted}")]
    Count {
        /// The missions in the reply.
        has: usize,
        /// The missions in the request.
        wanted: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    /// Chi-squared with 19 and 25 degrees of freedom: a fair draw stays below 60 with probability
    /// over 0.9999, and the seed is fixed, so this never flickers.
    #[test]
    fn numbers_and_letters_are_drawn_uniformly_in_every_place() {
        let (rng, draws) = (&mut StdRng::seed_from_u64(42), 52_000);
        let mut counts = vec![[[0u32; 26]; 2]; SIX];
        for _ in 0..draws {
            let (numbers, letters) = (Numbers::draw(rng), Letters::draw(rng));
            for place in 0..SIX {
                counts[place][0][usize::from(numbers.0[place].get())] += 1;
                counts[place][1][letters.0[place].get() as usize - 'a' as usize] += 1;
            }
        }
        let chi_squared = |counts: &[u32]| {
            let expected = f64::from(draws) / counts.len() as f64;
            counts.iter().map(|&n| (f64::from(n) - expected).powi(2) / expected).sum::<f64>()
        };
        for place in counts {
            assert!(chi_squared(&place[0][..20]) < 60.0, "{place:?}");
            assert!(chi_squared(&place[1]) < 60.0, "{place:?}");
        }
    }

    #[test]
    fn parts_out_of_range_are_refused() {
        for json in
            ["[20,4,7,0,12,3]", "[1,2,3,4,5]", "[1,2,3,4,5,6,7]", "[-1,4,7,0,12,3]", "\"x\""]
        {
            assert!(serde_json::from_str::<Numbers>(json).is_err(), "{json}");
        }
        for json in ["\"zakbq\"", "\"zakbqmm\"", "\"Zakbqm\"", "\"zakbqé\"", "[]"] {
            assert!(serde_json::from_str::<Letters>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn every_part_reads_back_what_it_draws() {
        let rng = &mut StdRng::seed_from_u64(42);
        let mut gathered = Gathered::of(3);
        for (done, part) in Part::ALL.into_iter().enumerate() {
            assert!(gathered.complete().is_none());
            assert_eq!(gathered.missing(), Part::ALL[done..]);
            gathered.take(part, &part.draw(3, rng)).unwrap();
        }
        assert_eq!(gathered.complete().unwrap().len(), 3);
    }

    #[test]
    fn the_first_reply_for_a_part_counts() {
        let mut gathered = Gathered::of(1);
        for part in Part::ALL {
            let sample = part.sample().to_string();
            gathered.take(part, sample.as_bytes()).unwrap();
            let again = gathered.take(part, sample.as_bytes());
            assert!(matches!(again, Err(WrongReply::Late)), "{again:?}");
        }
        assert_eq!(gathered.complete().unwrap(), [Drawn::sample()]);
    }

    #[test]
    fn a_reply_for_another_number_of_missions_is_refused() {
        let mut gathered = Gathered::of(2);
        for part in Part::ALL {
            let wrong = gathered.take(part, part.sample().to_string().as_bytes()).unwrap_err();
            assert!(matches!(wrong, WrongReply::Count { has: 1, wanted: 2 }), "{wrong}");
            assert!(matches!(gathered.take(part, b"{}"), Err(WrongReply::Malformed(_))));
        }
        assert_eq!(gathered.missing(), Part::ALL);
    }
}
