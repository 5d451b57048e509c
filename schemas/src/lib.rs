//! The messages of spymission, and the columns of its table.
//!
//! In the order in which a mission is made: a [`Request`] lists the ids of missions. The workers
//! reply with [`NumberParts`] and [`LetterParts`]. The [`Casebook`] makes a [`Decision`] from both.
//! The persister stores it and replies with the stored [`Mission`]s. A [`Problem`] is an error, the
//! same over HTTP and AMQP. [`http`] has the bodies that only HTTP has. The [`topology`] is the table
//! of exchanges and queues. [`json_schemas`], [`openapi`] and [`asyncapi`] describe all of it for
//! other programs.
//!
//! Nothing here does I/O, and no type here can have a value that the rules forbid.

mod address;
mod as_text;
mod asyncapi;
pub mod body;
pub mod casebook;
pub mod columns;
mod created_at;
pub mod csv;
pub mod dead_letter;
mod dossier;
mod dossier_prefix;
pub mod drills;
pub mod grants;
pub mod http;
mod ids;
mod instant;
mod json_schemas;
mod message_type;
mod messages;
mod mission;
mod openapi;
pub mod operations;
pub mod parts;
mod percent;
mod problem;
mod sample;
mod stamps;
mod status;
mod table_right;
pub mod topology;

pub use address::{ServerAddress, WrongServerAddress};
pub use asyncapi::asyncapi;
pub use casebook::{Casebook, CasebookError};
pub use created_at::CreatedAt;
pub use dead_letter::{Action, ActionId, DeadLetter, LetterId};
pub use dossier::{Dossier, ParseDossierError};
pub use dossier_prefix::{DossierPrefix, ParseDossierPrefixError};
pub use ids::{CallerRequest, IdempotencyKey, MissionId, MissionIds, WrongIds};
pub use json_schemas::json_schemas;
pub use message_type::MessageType;
pub use messages::{Decisions, Missions, Request};
pub use mission::{Decision, Mission, Text};
pub use openapi::openapi;
pub use parts::{Draw, Drawn, Letter, LetterParts, Letters, Number, NumberParts, Numbers, Part};
pub use problem::{Problem, ProblemKind, Sent};
pub use stamps::{Stamp, Stamps, WrongStamps, unix_micros};
pub use status::{Quantiles, Session, Status};
pub use table_right::{Privilege, TableRight};
pub use topology::Role;
