//! The body of `GET /missions`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Mission, MissionId, MissionIds, sample};

/// The pattern of a cursor: microseconds since 1970 and an id, both in hexadecimal digits.
pub const CURSOR: &str = "^(0|[1-9a-f][0-9a-f]{0,13})-[0-9a-f]{32}$";

/// The pattern of a cursor of the list: it may lead to newer missions, too.
pub const PAGE_CURSOR: &str = "^(0|[1-9a-f][0-9a-f]{0,13})-[0-9a-f]{32}(-newer)?$";

/// Missions, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Page {
    /// The missions of this page.
    #[schemars(length(max = MissionIds::MAX))]
    pub missions: Vec<Mission>,
    /// Ids of rows that are stored and cannot be read. The list leaves them out. Absent if there
    /// are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = MissionIds::MAX))]
    pub unreadable: Vec<MissionId>,
    /// The cursor of the next page. Absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", regex(pattern = PAGE_CURSOR), extend("examples" = [sample::CURSOR]))]
    pub next: Option<String>,
    /// The cursor of the page before, with newer missions. Absent on the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", regex(pattern = PAGE_CURSOR), extend("examples" = [sample::NEWER]))]
    pub prev: Option<String>,
}
