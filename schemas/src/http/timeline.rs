//! The body of `GET /missions/{id}/timeline`.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{CreatedAt, MissionId, Role};

/// How a mission came to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Timeline {
    /// The mission.
    pub mission: MissionId,
    /// How many missions its message listed.
    #[schemars(range(min = 1))]
    pub missions: usize,
    /// When the gateway admitted its caller, on the gateway's clock.
    pub admitted: CreatedAt,
    /// Each message that requested it. The last one was answered, or is still waited for.
    #[schemars(length(min = 1))]
    pub attempts: Vec<Attempt>,
    /// The processes that worked on it. There are none before its reply came.
    pub hops: Vec<Hop>,
    /// When the reply came, on the gateway's clock. Absent if it has not come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "CreatedAt")]
    pub replied: Option<CreatedAt>,
    /// Why it failed, if the reply was an error reply: the word of a problem, and its detail. The
    /// processes that did not answer are not listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub reason: Option<String>,
}

/// A message that requested the mission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Attempt {
    /// On the gateway's clock.
    pub published: CreatedAt,
    /// On the gateway's clock. Absent if the broker has not confirmed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "CreatedAt")]
    pub confirmed: Option<CreatedAt>,
}

/// A process that worked on the mission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Hop {
    /// What the process does.
    #[schemars(extend("enum" = roles()))]
    pub role: Cow<'static, str>,
    /// Its name.
    pub instance: String,
    /// Which attempt was answered; 1 is the first.
    #[schemars(range(min = 1))]
    pub attempt: u32,
    /// When a decider asked it first, on the decider's clock. Absent for the decider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "CreatedAt")]
    pub asked: Option<CreatedAt>,
    /// When it received the message, on its own clock.
    pub received: CreatedAt,
    /// When it had finished, on its own clock. A persister: when it had committed. A decider: when
    /// it asked the persister, if that sent the reply.
    pub done: CreatedAt,
}

fn roles() -> Vec<&'static str> {
    Role::all_but(&[Role::Gateway]).into_iter().map(Role::name).collect()
}
