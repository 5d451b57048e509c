//! A page of the list, and what its representations need besides.

use schemas::CreatedAt;
use schemas::http::Page;
use serde::Serialize;
use store::{Direction, Filter, Total};

/// A page of the list. In JSON it is the page alone.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct Listed {
    pub(crate) page: Page,
    #[serde(skip)]
    pub(crate) links: Links,
    /// What it was filtered by.
    #[serde(skip)]
    pub(crate) filter: Filter,
    /// How many missions there are in all, whatever the filter; only for a page.
    #[serde(skip)]
    pub(crate) total: Option<Total>,
    /// The search ended at this time, in this direction; another page goes on from there.
    #[serde(skip)]
    pub(crate) looked_to: Option<(CreatedAt, Direction)>,
}

/// The addresses that a page of the list leads to.
#[derive(Default)]
pub(crate) struct Links {
    /// The next page.
    pub(crate) next: Option<String>,
    /// The page before.
    pub(crate) prev: Option<String>,
    /// The first page, when this is another.
    pub(crate) first: Option<String>,
    /// This page as CSV and as JSON.
    pub(crate) exports: [String; 2],
}
