//! What the operations page shows, as data: `GET /operations`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::drills::Drills;
use crate::topology::REQUEST_QUEUE;
use crate::{CreatedAt, LetterId, Quantiles, Role};

/// How the whole system does, as one gateway sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Operations {
    /// When this was so: RFC 3339, UTC, on the gateway's clock.
    pub at: CreatedAt,
    /// Whether the gateway hears the other processes. Otherwise what it shows about them is old.
    pub hears: bool,
    /// What matters most, in words.
    pub verdict: Finding,
    /// What else there is to know, the worst first.
    pub notes: Vec<Finding>,
    /// Every role, in the order in which a mission meets them.
    pub roles: Vec<RoleState>,
    /// Every queue, in the same order.
    pub queues: Vec<QueueState>,
    /// The dead letters about which somebody has to decide, by what their reasons have in common,
    /// the largest group first; absent if the table could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_letters: Option<Vec<DeadLetterGroup>>,
    /// What went wrong lately, the newest first.
    pub incidents: Vec<Incident>,
    /// The drills; absent where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drills: Option<Drills>,
}

/// Something to know about the system, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// One or two sentences.
    pub text: String,
    /// The command that helps next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// How bad something is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// All is well.
    Well,
    /// Worth knowing. Nobody has to act.
    Note,
    /// Somebody has to act.
    Act,
}

/// One role: its replicas together, and each of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RoleState {
    /// The role.
    pub role: Role,
    /// Missions in a second, of all replicas; absent until it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// How long one batch takes, in microseconds: the middle of the replicas' `p50`, and the
    /// greatest `p99`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency: Option<Quantiles>,
    /// Missions in one batch, in the same way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<Quantiles>,
    /// The rate of the last minute, every two seconds, the oldest first.
    pub history: Vec<f64>,
    /// How many processes are gone without another one in their place.
    pub missing: u64,
    /// Its processes, the oldest first.
    pub replicas: Vec<Replica>,
}

/// One process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Replica {
    /// Its name, as in `number.<uuid>`.
    pub instance: String,
    /// Its version.
    pub version: String,
    /// When it started.
    pub since: CreatedAt,
    /// How it is.
    pub state: ReplicaState,
    /// What it waits for, or why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// For how many seconds it was not heard.
    pub silent: u64,
    /// Missions in a second; absent until it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
}

/// How a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ReplicaState {
    /// At work.
    Up,
    /// At work while something is missing.
    Degraded,
    /// Not at work.
    Waiting,
    /// It finishes its work and leaves.
    Stopping,
    /// It has left.
    Left,
    /// It was not heard for 10 s, and did not say that it leaves.
    Gone,
}

impl ReplicaState {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Waiting => "waiting",
            Self::Stopping => "stopping",
            Self::Left => "left",
            Self::Gone => "gone",
        }
    }

    /// Whether the process still runs, as far as anybody knows.
    pub fn is_present(self) -> bool {
        !matches!(self, Self::Left | Self::Gone)
    }
}

/// One queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct QueueState {
    /// Its name.
    pub name: String,
    /// The exchange that feeds it.
    pub exchange: String,
    /// Messages that wait; absent if the gateway could not look, or may not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages: Option<u64>,
    /// Its consumers; absent if the gateway could not look, or may not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consumers: Option<u64>,
    /// The most messages that may wait; absent if only their age is bounded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most: Option<u64>,
    /// Missions in a second that its readers take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// Messages that waited in the last minute, the oldest first. It is only known while somebody
    /// looks.
    pub history: Vec<u64>,
}

/// Dead letters with the same reason, but for numbers and ids, and the same role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeadLetterGroup {
    /// What their reasons have in common; a value for `spymission dead-letters list --reason`.
    pub reason: String,
    /// Who set them aside.
    pub role: String,
    /// About how many of them somebody has to decide.
    pub open: u64,
    /// When the first of them was set aside.
    pub first_at: CreatedAt,
    /// When the last of them was set aside.
    pub last_at: CreatedAt,
    /// One of them; `spymission dead-letters show` prints it.
    pub example: LetterId,
}

/// Something that went wrong, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Incident {
    /// What it was.
    pub text: String,
    /// When it began.
    pub from: CreatedAt,
    /// When it ended; absent while it lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<CreatedAt>,
}

impl Operations {
    /// The example of the documents: a persister is missing.
    pub(crate) fn example() -> Self {
        let at = crate::Mission::example().created_at;
        let text = "No persister for 14 s. 37 requests wait; none is lost.".to_owned();
        let next = Some("spymission check --database …".to_owned());
        let gone = Replica {
            instance: "persister.0b0c7a38-90b5-4c1f-8a3c-7d4ae1c0aa42".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            since: at,
            state: ReplicaState::Gone,
            why: None,
            silent: 14,
            rate: None,
        };
        let persisters = RoleState {
            role: Role::Persister,
            rate: None,
            latency: None,
            batch: None,
            history: vec![120.0, 118.5, 0.0],
            missing: 1,
            replicas: vec![gone],
        };
        let requests = QueueState {
            name: REQUEST_QUEUE.name.to_owned(),
            exchange: REQUEST_QUEUE.source.name.to_owned(),
            messages: Some(37),
            consumers: Some(1),
            most: Some(10_000),
            rate: Some(0.0),
            history: vec![0, 12, 37],
        };
        Self {
            at,
            hears: true,
            verdict: Finding { level: Level::Act, text, next },
            notes: Vec::new(),
            roles: vec![persisters],
            queues: vec![requests],
            dead_letters: Some(Vec::new()),
            incidents: vec![Incident { text: "no persister".to_owned(), from: at, until: None }],
            drills: None,
        }
    }
}
