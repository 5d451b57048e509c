//! Defects that a simulation plants.

macro_rules! mutants {
    ($($(#[$doc:meta])* $name:ident = $what:literal,)+) => {
        /// A defect that can be planted in the product.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Mutant { $($(#[$doc])* $name,)+ }

        impl Mutant {
            /// All of them.
            pub const ALL: [Self; [$($what),+].len()] = [$(Self::$name),+];

            /// What is wrong.
            pub const fn what(self) -> &'static str {
                match self { $(Self::$name => $what),+ }
            }

            /// The defect of this name.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|mutant| format!("{mutant:?}") == name)
            }
        }
    };
}

mutants! {
    /// A request is acknowledged before it is worked on.
    RequestAckedFirst = "a request is acknowledged before it is worked on",
    /// A reply is built from the decisions, not from the rows that stand.
    ReplyFromMessage = "a reply is built from the decisions, not from the rows that stand",
    /// A persister replies before its commit.
    ReplyBeforeCommit = "a persister replies before its commit",
    /// A gateway takes a refused publish for a confirmed one.
    RefusalTakenForConfirm = "a gateway takes a refused publish for a confirmed one",
    /// A request is acknowledged though its dead letter was refused.
    LetterUnconfirmed = "a request is acknowledged though its dead letter was refused",
    /// A split leaves out the last mission.
    SplitForgetsLast = "a split leaves out the last mission",
    /// A split gives its missions new ids.
    SplitUnderNewIds = "a split gives its missions new ids",
    /// A split request is acknowledged though the queue refused some of its missions.
    SplitUnconfirmed = "a split request is acknowledged though the queue refused some of its missions",
    /// A reply goes to the oldest question, not to its own.
    WrongAsk = "a reply goes to the oldest question, not to its own",
    /// The parts of a list are combined with its missions in another order.
    PartsInOtherOrder = "the parts of a list are combined with its missions in another order",
    /// A decider takes every delivery for the first one.
    CountNeverRises = "a decider takes every delivery for the first one",
    /// A lost question is not repeated.
    NeverAskedAgain = "a lost question is not repeated",
    /// A dead letter is acknowledged before its row stands.
    LettersAckedFirst = "a dead letter is acknowledged before its row stands",
    /// A bad request becomes no dead letter.
    BadDropped = "a bad request becomes no dead letter",
    /// A persister takes a database that is away for a refusal.
    AwayIsRefusal = "a persister takes a database that is away for a refusal",
    /// One refused row refuses all rows of its statement.
    NeighboursRefused = "one refused row refuses all rows of its statement",
    /// A reply goes to a return address in our own namespace.
    ForgedAddress = "a reply goes to a return address in our own namespace",
    /// A page of the list leaves out rows of the same time.
    CursorSkipsEqualTimes = "a page of the list leaves out rows of the same time",
    /// Listeners are not told of rows that were committed late.
    NoSecondLook = "listeners are not told of rows that were committed late",
    /// A gateway gives a mission to its oldest caller.
    ReplyToOldest = "a gateway gives a mission to its oldest caller",
    /// A gateway gives a list in another order.
    ListInOtherOrder = "a gateway gives a list in another order",
    /// A caller is told 202 before the confirm.
    AcceptedUnconfirmed = "a caller is told 202 before the confirm",
    /// An idempotency key is ignored.
    KeyIgnored = "an idempotency key is ignored",
}

/// Whether this defect is planted on this thread. A release build has none.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub const fn planted(_: Mutant) -> bool {
    false
}

#[cfg(debug_assertions)]
mod on_this_thread {
    use std::cell::Cell;

    use super::Mutant;

    thread_local! {
        static PLANTED: Cell<Option<Mutant>> = const { Cell::new(None) };
    }

    /// Whether this defect is planted on this thread. A release build has none.
    pub fn planted(mutant: Mutant) -> bool {
        PLANTED.with(Cell::get) == Some(mutant)
    }

    /// Plants this defect on this thread, or none.
    pub fn plant(mutant: Option<Mutant>) {
        PLANTED.with(|planted| planted.set(mutant));
    }
}

#[cfg(debug_assertions)]
pub use on_this_thread::{plant, planted};
