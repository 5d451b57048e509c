//! What is shown besides missions themselves: a page of the list, and where missions will be.

use schemas::{Mission, MissionId};
use serde::Serialize;
use store::Filter;

/// A page of the list.
#[derive(Serialize)]
pub(crate) struct Page {
    pub(crate) missions: Vec<Mission>,
    /// Ids of rows that are stored and cannot be read: the list goes on without them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) unreadable: Vec<MissionId>,
    /// The cursor of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
    /// The address of the next page.
    #[serde(skip)]
    pub(crate) next_page: Option<String>,
    /// The address of the first page, when this is another.
    #[serde(skip)]
    pub(crate) first_page: Option<String>,
    /// What it was filtered by.
    #[serde(skip)]
    pub(crate) filter: Filter,
}

/// The request is kept; its missions are not yet stored.
#[derive(Serialize)]
pub(crate) struct Accepted {
    status: &'static str,
    /// Where they will be.
    pub(crate) location: String,
}

impl Accepted {
    pub(crate) fn at(location: String) -> Self {
        Self { status: "accepted", location }
    }
}
