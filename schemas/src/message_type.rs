//! The types of messages.

use crate::parts::Part;

/// Declares the types that are not about a part, and the list of all types.
macro_rules! message_types {
    ($($(#[$doc:meta])* $Type:ident = $word:literal,)+) => {
        /// The type of a message, carried in the AMQP property `type`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum MessageType {
            /// The reply of the worker that draws this part.
            Part(Part),
            $($(#[$doc])* $Type,)+
        }

        impl MessageType {
            /// Every type: first those of the parts.
            #[expect(clippy::indexing_slicing, reason = "the compiler evaluates it, and finds a wrong index")]
            pub const ALL: [Self; Part::ALL.len() + [$($word),+].len()] = {
                const OTHERS: [MessageType; [$($word),+].len()] = [$(MessageType::$Type),+];
                let mut all = [Self::Problem; Part::ALL.len() + OTHERS.len()];
                let mut place = 0;
                while place < all.len() {
                    all[place] = if place < Part::ALL.len() {
                        Self::Part(Part::ALL[place])
                    } else {
                        OTHERS[place - Part::ALL.len()]
                    };
                    place += 1;
                }
                all
            };

            /// The word in the property `type`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    Self::Part(part) => part.word(),
                    $(Self::$Type => $word,)+
                }
            }
        }
    };
}

message_types! {
    /// [`Missions`](crate::Missions) from a persister: they are committed.
    Stored = "missions.stored",
    /// [`Missions`](crate::Missions) from a decider to a caller.
    Missions = "missions",
    /// A [`Problem`](crate::Problem).
    Problem = "problem",
    /// A question goes back to its requester: it was delivered before, to a process that did not
    /// reply. The body is a [`Problem`](crate::Problem) that says so.
    Returned = "returned",
    /// [`Missions`](crate::Missions) that were stored, published as an event.
    Created = "missions.created",
    /// The [`Status`](crate::Status) of a process, published as an event.
    Status = "status",
}

impl MessageType {
    /// The type that this word names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|of| of.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_reads_back() {
        for each in MessageType::ALL {
            assert_eq!(MessageType::parse(each.as_str()), Some(each));
        }
    }
}
