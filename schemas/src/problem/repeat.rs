//! Whether the request that a problem is about may be sent again.

use super::ProblemKind;

/// What a request was, as far as its repetition is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It only read.
    Reading,
    /// It asked for something under an `Idempotency-Key`: the same key means the same missions.
    WithKey,
    /// It asked for something, without a key.
    WithoutKey,
}

impl Sent {
    /// Whether such a request with a problem of this kind is safe to repeat, and how.
    pub const fn repeat(self, kind: ProblemKind) -> &'static str {
        match (self, kind.may_be_done(), kind.passes()) {
            (Self::Reading, _, true) => "Safe to repeat: it only reads.",
            (_, _, false) => "Safe to repeat once it is corrected: nothing was done.",
            (_, false, true) => "Safe to repeat: nothing was done.",
            (Self::WithKey, true, true) => {
                "Safe to repeat: this request had an `Idempotency-Key`, send the same one."
            }
            (Self::WithoutKey, true, true) => {
                "It may have been done: look at `Location`, or at the missions that the problem \
                 names, before you repeat it. With an `Idempotency-Key` it would be safe."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cannot_have_been_done_twice_is_called_safe() {
        for kind in ProblemKind::ALL {
            let safe = |sent: Sent| sent.repeat(kind).starts_with("Safe to repeat");
            assert!(safe(Sent::Reading) && safe(Sent::WithKey), "{kind:?}");
            assert_eq!(safe(Sent::WithoutKey), !kind.may_be_done(), "{kind:?}");
        }
        assert!(Sent::WithoutKey.repeat(ProblemKind::Unconfirmed).contains("`Location`"));
    }
}
