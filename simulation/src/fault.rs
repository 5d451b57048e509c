//! What goes wrong.

use std::time::Duration;

/// A fault that happens once.
#[derive(Debug, Clone)]
pub struct Fault {
    /// What.
    pub kind: Kind,
    /// When.
    pub at: Duration,
    /// How long it lasts, or until a process is started again.
    pub lasts: Duration,
    /// Which one of those whom it may happen to.
    pub choice: usize,
    /// Of [`Kind::KillAtStep`]: after so many messages and statements.
    pub after: u32,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$of])* $variant,)+ }

        impl $name {
            /// All of them.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// How reports call it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

words! {
    /// The kinds of faults that happen once.
    Kind {
        /// A process ends at some moment.
        Kill = "process killed",
        /// A process ends right after one of its messages, acknowledgements or deliveries.
        KillAtStep = "process killed at a step",
        /// A process is told to stop (SIGTERM).
        Stop = "process stopped",
        /// A connection is lost.
        LoseConnection = "connection lost",
        /// The broker ends a consumer.
        CancelConsumer = "consumer ended",
        /// The broker restarts.
        RestartBroker = "broker restarted",
        /// The broker raises an alarm.
        Block = "broker blocked",
        /// The request queue is full.
        RequestsFull = "request queue full",
        /// The queue of dead letters is full.
        DeadLettersFull = "dead letter queue full",
        /// The database is away.
        DatabaseAway = "database away",
    }
}

words! {
    /// What may happen to each message or statement.
    Rate {
        /// A transient message is lost.
        Lose = "message lost",
        /// A transient message arrives twice.
        Double = "message doubled",
        /// A transient message arrives late, behind others.
        Delay = "message delayed",
        /// A durable message is lost with its connection.
        LosePublish = "publish lost",
        /// A durable message is stored, and its confirm is lost with its connection.
        LoseConfirm = "confirm lost",
        /// A statement loses to a rival.
        Deadlock = "deadlock",
        /// A statement is lost with its connection.
        LoseStatement = "statement lost",
        /// A statement is carried out, and its answer is lost.
        LoseCommit = "answer of a commit lost",
        /// A statement takes long.
        SlowStatement = "statement slow",
    }
}

impl Rate {
    /// How often it happens at most, in a thousand.
    pub(crate) fn most(self) -> u32 {
        match self {
            Self::Lose | Self::Double | Self::Delay => 300,
            Self::LosePublish | Self::LoseConfirm => 200,
            Self::Deadlock | Self::LoseStatement | Self::LoseCommit | Self::SlowStatement => 250,
        }
    }
}
