//! What every part of a mission can do.

use rand::Rng;

/// How many numbers, and how many letters, a dossier has.
pub(crate) const SIX: usize = 6;

/// A part of one mission that a worker draws at random.
pub trait Draw {
    /// Draws a part. The same `rng` state gives the same part.
    fn draw(rng: &mut impl Rng) -> Self;

    /// The part of the mission that is the example in all documents.
    fn sample() -> Self;
}
