//! The words of spymission: what travels on the wire and stands in the table.
//!
//! In the order of one mission's way: a [`Request`] names the missions that are asked for; the
//! workers answer with [`NumberParts`] and [`LetterParts`]; the [`Casebook`] makes a [`Decision`]
//! of both; the persister writes it and answers with the [`Mission`]s as stored. A [`Problem`] says
//! what went wrong, in the same shape over HTTP and AMQP. The [`topology`] is the one table of
//! exchanges and queues; [`json_schemas`] describes the messages to everybody else, [`openapi`] and
//! [`asyncapi`] the two doors.
//!
//! Nothing in here does I/O, and no type in here can hold a value that the rules forbid.

mod address;
mod asyncapi;
pub mod body;
pub mod casebook;
pub mod columns;
mod created_at;
mod dossier;
pub mod http;
mod ids;
mod json_schemas;
mod message_type;
mod messages;
mod mission;
mod openapi;
pub mod parts;
mod problem;
mod sample;
pub mod topology;

pub use address::{ServerAddress, WrongServerAddress};
pub use asyncapi::asyncapi;
pub use casebook::{Casebook, CasebookError};
pub use created_at::CreatedAt;
pub use dossier::{Dossier, ParseDossierError};
pub use ids::{CallerRequest, IdempotencyKey, MissionId, MissionIds, WrongIds};
pub use json_schemas::json_schemas;
pub use message_type::MessageType;
pub use messages::{Decisions, Missions, Request};
pub use mission::{Decision, Mission, Text};
pub use openapi::openapi;
pub use parts::{Draw, Drawn, Letter, LetterParts, Letters, Number, NumberParts, Numbers, Part};
pub use problem::{Problem, ProblemKind};
pub use topology::Role;
