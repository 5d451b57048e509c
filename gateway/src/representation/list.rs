//! A page of the list, and what its representations need besides.

use schemas::http::Page;
use serde::Serialize;
use store::Filter;

/// A page of the list. In JSON it is the page alone.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct Listed {
    pub(crate) page: Page,
    /// The address of the next page.
    #[serde(skip)]
    pub(crate) next_page: Option<String>,
    /// The address of the page before.
    #[serde(skip)]
    pub(crate) prev_page: Option<String>,
    /// The address of the first page, when this is another.
    #[serde(skip)]
    pub(crate) first_page: Option<String>,
    /// What it was filtered by.
    #[serde(skip)]
    pub(crate) filter: Filter,
}
