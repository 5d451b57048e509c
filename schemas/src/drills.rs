//! Drills: faults that an operator makes on purpose, to see what the pipeline does about them.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::CreatedAt;

/// Declares the drills, and the list of all of them.
macro_rules! drills {
    ($($(#[$doc:meta])* $Drill:ident = $name:literal, $seconds:literal s, $title:literal, $what:literal;)+) => {
        /// A fault that is made on purpose. Each ends by itself.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
        )]
        pub enum Drill {
            $($(#[$doc])* #[serde(rename = $name)] $Drill,)+
        }

        impl Drill {
            /// Every drill, in the order in which they are shown.
            pub const ALL: &'static [Self] = &[$(Self::$Drill),+];

            /// Its name, which is the end of its address.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$Drill => $name,)+ }
            }

            /// What to do, in words.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$Drill => $title,)+ }
            }

            /// What happens then.
            pub const fn what(self) -> &'static str {
                match self { $(Self::$Drill => $what,)+ }
            }

            /// After how long it ends, whatever happens.
            pub const fn lasts(self) -> Duration {
                Duration::from_secs(match self { $(Self::$Drill => $seconds,)+ })
            }
        }
    };
}

drills! {
    /// The persister takes no more decisions.
    PausePersister = "pause-persister", 60 s, "Pause the persister",
        "It takes no decision for 60\u{a0}s. Requests wait, and nothing is stored.";
    /// The next reply of a number or letter worker is dropped.
    LosePart = "lose-part", 60 s, "Lose the next part",
        "The next reply of a number or letter worker is dropped. The decider asks again after 2\u{a0}s.";
    /// The next request is delivered twice.
    RepeatRequest = "repeat-request", 60 s, "Deliver the next request twice",
        "The next request is in its queue twice. The first row is kept, and both replies are built \
         from it.";
    /// One worker is killed, each time one of another role.
    KillWorker = "kill-worker", 15 s, "Kill a worker",
        "One worker ends in the middle of its work: a decider, then a number worker, and so on. \
         Another takes its place after 15\u{a0}s.";
}

/// The end of the address that ends every drill.
pub const END: &str = "end";

impl Drill {
    /// The drill of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|drill| drill.name() == name)
    }
}

/// The drills of a gateway, and what became of the missions meanwhile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Drills {
    /// The drills that last, each with the seconds after which it ends.
    pub lasting: Vec<Lasting>,
    /// What became of the missions, in words.
    pub text: String,
    /// What was counted since the first of these drills began; absent before the first drill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<DrillCounts>,
}

/// A drill that lasts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lasting {
    /// Which.
    pub drill: Drill,
    /// After so many seconds it ends.
    pub seconds: u64,
}

/// What became of the missions that were requested during a drill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DrillCounts {
    /// When the drill began: RFC 3339, UTC.
    pub since: CreatedAt,
    /// How many missions callers were told of: with 201, or with 202.
    pub accepted: u64,
    /// How many of them have a row in the table.
    pub stored: u64,
    /// How many of them have no row though everything is over; absent until that is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<u64>,
    /// How many missions have a second row, or were announced otherwise than they are stored; absent
    /// until that is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubled: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_drill_reads_back_and_ends_within_a_minute() {
        for drill in Drill::ALL {
            assert_eq!(Drill::parse(drill.name()), Some(*drill));
            let json = serde_json::to_value(drill).unwrap();
            assert_eq!(json, drill.name());
            assert!(drill.lasts() <= Duration::from_secs(60), "{drill:?}");
            let seconds = format!("{}\u{a0}s", drill.lasts().as_secs());
            let is_event = matches!(drill, Drill::LosePart | Drill::RepeatRequest);
            assert!(is_event || drill.what().contains(&seconds), "{drill:?}");
        }
    }
}
