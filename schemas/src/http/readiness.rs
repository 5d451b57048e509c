//! The body of `GET /readyz`.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether a gateway takes requests, and which of its partners do not answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Readiness {
    /// Whether the gateway takes requests.
    pub status: Status,
    /// The roles of which no process is heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["waiting for: letter"]))]
    pub why: Option<String>,
    /// `up`, or what is wrong.
    #[schemars(extend("examples" = ["up"]))]
    pub broker: Cow<'static, str>,
    /// Whether the workers reply.
    pub workers: Workers,
    /// `up`, or what is wrong.
    #[schemars(extend("examples" = ["up"]))]
    pub database: Cow<'static, str>,
    /// How many replies the gateway has dropped since its start.
    pub replies_dropped: RepliesDropped,
}

/// Whether a gateway takes requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Status {
    /// It takes requests.
    Ready,
    /// It takes requests. Workers or database do not answer; the missions are stored when they do.
    Degraded,
    /// It takes no requests; `broker` says why.
    #[serde(rename = "not ready")]
    NotReady,
}

/// Whether the workers reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Workers {
    /// No request waits unusually long.
    Answering,
    /// A confirmed request has waited for more than 2 s.
    Silent,
}

/// Replies that were dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct RepliesDropped {
    /// Nobody waited for them any more.
    pub late: u64,
    /// They could not be read.
    pub malformed: u64,
}
