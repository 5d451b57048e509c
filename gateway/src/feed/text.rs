//! Missions as server-sent events.

use bytes::Bytes;
use schemas::Mission;
use schemas::http::MISSION_CREATED;
use store::Cursor;

/// One event for each mission. Its id is the position at which a client resumes.
pub(super) fn text(missions: &[&Mission]) -> Bytes {
    let mut text = Vec::with_capacity(missions.len() * 384);
    for mission in missions {
        let id = Cursor::from(*mission);
        text.extend_from_slice(format!("id: {id}\nevent: {MISSION_CREATED}\ndata: ").as_bytes());
        // Our own type always makes JSON, and JSON in one line.
        text.extend(serde_json::to_vec(mission).unwrap_or_default());
        text.extend_from_slice(b"\n\n");
    }
    text.into()
}
