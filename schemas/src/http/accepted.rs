//! The body of a 202.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The request is confirmed; its missions are not stored yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Accepted {
    status: Status,
    /// Where the missions will be. It equals the header `Location`.
    #[schemars(extend("format" = "uri-reference"))]
    pub location: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum Status {
    Accepted,
}

impl Accepted {
    /// The missions of this request will be at `location`.
    pub fn at(location: String) -> Self {
        Self { status: Status::Accepted, location }
    }
}
