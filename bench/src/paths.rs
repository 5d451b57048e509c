//! The addresses that a load of readers reads in turn.

use std::net::SocketAddr;

use serde_json::Value;
use testkit::servers::call;

use super::failure::Failure;
use super::rows::Filled;

/// How many different ones.
const PATHS: u64 = 256;
/// The missions of one page.
const LIMIT: u32 = 20;

/// Missions that are stored, and pages of the list.
pub(crate) struct Paths {
    pub(crate) missions: Vec<String>,
    pub(crate) pages: Vec<String>,
}

impl Paths {
    /// Of the missions that the gateway at this address has stored before: at most 256.
    ///
    /// # Errors
    /// It does not list them.
    pub(crate) fn of(gateway: SocketAddr) -> Result<Self, Failure> {
        let reply =
            call(&format!("http://{gateway}"), "GET", &format!("/missions?limit={PATHS}"), "")?;
        let page: Value = serde_json::from_str(&reply.body)?;
        let missions = page.get("missions").and_then(Value::as_array);
        let ids = missions.into_iter().flatten().filter_map(|mission| mission.get("id")?.as_str());
        let missions: Vec<String> = ids.map(|id| format!("/missions/{id}")).collect();
        if missions.is_empty() {
            return Err(format!("no missions are listed: {}", reply.body).into());
        }
        Ok(Self { missions, pages: vec![format!("/missions?limit={LIMIT}")] })
    }

    /// Pages that begin anywhere in a table that was filled.
    pub(crate) fn anywhere(filled: &Filled) -> Vec<String> {
        // A step that shares no divisor with the number of paths visits all parts in an order that
        // neither the server nor the disk expects.
        let places = (0..PATHS).map(|number| number * 101 % PATHS);
        let cursors = places.map(|place| filled.cursor(place as f64 / PATHS as f64));
        cursors.map(|cursor| format!("/missions?limit={LIMIT}&cursor={cursor}")).collect()
    }
}
