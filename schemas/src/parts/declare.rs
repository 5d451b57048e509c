//! The macro that makes everything that a part needs from its declaration.

/// Declares the parts of a mission. Each line has the variant of [`Part`](super::Part), the name of
/// the role, what is drawn, the queue, and the message in which the worker replies. The member of that
/// message is also the word in its AMQP property `type`, and the field of [`Drawn`](super::Drawn).
macro_rules! parts {
    ($(
        $(#[$doc:meta])*
        $Part:ident = $name:literal draws $what:literal from $queue:literal replies $Message:ident { $member:ident: $Type:ident },
    )+) => {
        /// A part of a mission. One kind of worker draws it. Everything about it follows from its
        /// declaration in this file.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Part {
            $($(#[$doc])* $Part,)+
        }

        impl Part {
            /// Every part, in the order of their declaration.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$Part),+];

            /// The name of the worker that draws it: `number`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$Part => $name),+ }
            }

            /// What is drawn, for a sentence: `six numbers`.
            pub const fn what(self) -> &'static str {
                match self { $(Self::$Part => $what),+ }
            }

            /// The part whose worker has this name.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|part| part.name() == name)
            }

            /// The name of the queue that the worker reads.
            pub const fn queue_name(self) -> &'static str {
                match self { $(Self::$Part => $queue),+ }
            }

            /// The member of the worker's reply, and the word in its AMQP property `type`:
            /// `numbers`.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$Part => stringify!($member)),+ }
            }

            /// The name of the schema of the worker's reply: `NumberParts`.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$Part => stringify!($Message)),+ }
            }

            /// The JSON Schema of the worker's reply.
            pub(crate) fn schema(self, generator: schemars::SchemaGenerator) -> schemars::Schema {
                match self { $(Self::$Part => generator.into_root_schema_for::<$Message>()),+ }
            }

            /// Draws this part for `count` missions: the body of the worker's reply.
            pub fn draw(self, count: usize, rng: &mut impl rand::Rng) -> Vec<u8> {
                let reply = match self {
                    $(Self::$Part => {
                        let $member = (0..count).map(|_| $Type::draw(rng)).collect();
                        serde_json::to_vec(&$Message { $member })
                    }),+
                };
                reply.unwrap_or_default() // parts always make JSON
            }

            /// The reply with this part of the mission that is the example in all documents.
            pub fn sample(self) -> serde_json::Value {
                match self {
                    $(Self::$Part => serde_json::json!({ stringify!($member): [$Type::sample()] })),+
                }
            }
        }

        $(
            #[doc = concat!("The reply of a ", $name, " worker: one part for each mission, in the order of the request.")]
            #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
            pub struct $Message {
                /// As many as the request has missions.
                #[schemars(length(min = 1, max = 256))]
                pub $member: Vec<$Type>,
            }
        )+

        /// All parts of one mission.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Drawn {
            $($(#[$doc])* pub $member: $Type,)+
        }

        impl Draw for Drawn {
            fn draw(rng: &mut impl rand::Rng) -> Self {
                Self { $($member: $Type::draw(rng)),+ }
            }

            fn sample() -> Self {
                Self { $($member: $Type::sample()),+ }
            }
        }

        /// The parts of several missions that have arrived so far. The first reply for each part
        /// counts.
        #[derive(Debug, Clone, Default)]
        pub struct Gathered {
            count: usize,
            $($member: Option<Vec<$Type>>,)+
        }

        impl Gathered {
            /// Nothing has arrived yet for these `count` missions.
            pub fn of(count: usize) -> Self {
                Self { count, ..Self::default() }
            }

            /// Takes the reply of a worker.
            ///
            /// # Errors
            /// The reply cannot be used: [`WrongReply`] says why.
            pub fn take(&mut self, part: Part, body: &[u8]) -> Result<(), WrongReply> {
                match part {
                    $(Part::$Part if self.$member.is_some() => Err(WrongReply::Late),
                    Part::$Part => {
                        let read = serde_json::from_slice::<$Message>(body);
                        let $Message { $member: parts } = read.map_err(WrongReply::Malformed)?;
                        if parts.len() != self.count {
                            return Err(WrongReply::Count { has: parts.len(), wanted: self.count });
                        }
                        self.$member = Some(parts);
                        Ok(())
                    })+
                }
            }

            /// The parts that have not arrived yet.
            pub fn missing(&self) -> Vec<Part> {
                let arrived = |part| match part { $(Part::$Part => self.$member.is_some()),+ };
                Part::ALL.into_iter().filter(|part| !arrived(*part)).collect()
            }

            /// Takes out all parts of each mission, in the order of the request; `None` while a part
            /// is missing.
            pub fn complete(&mut self) -> Option<Vec<Drawn>> {
                if !self.missing().is_empty() {
                    return None;
                }
                $(let mut $member = self.$member.take()?.into_iter();)+
                let mut next = || Some(Drawn { $($member: $member.next()?),+ });
                Some(std::iter::from_fn(&mut next).collect())
            }
        }
    };
}

pub(super) use parts;
