//! The gateway: from a caller's bytes to the published request, and from the reply to the caller's
//! bytes.

use bus::Delivery;
use schemas::{MessageType, Mission, Missions, Request, topology};
use tempfile::TempDir;

use super::round::{Count, Round};
use crate::caller::Caller;
use crate::database::database;
use crate::other_side::{Message, OtherSide, Taker, json, return_address};
use crate::roles;

/// The stamps of who made and stored the mission.
const STAMPS: &str = "decider d - 1 2 1, number n 1 1 2 1, letter l 1 1 2 1, persister p 1 1 2 1";

/// From the bytes of a POST to the message that requests one mission.
pub(super) fn post_to_publish() -> Round {
    let mut gateway = Gateway::start();
    Box::new(move |count| gateway.round(count, &mut uncounted))
}

/// From the message with the stored mission to the bytes of the response.
pub(super) fn reply_to_response() -> Round {
    let mut gateway = Gateway::start();
    Box::new(move |count| gateway.round(&mut uncounted, count))
}

fn uncounted(work: &mut dyn FnMut()) {
    work();
}

struct Gateway {
    other_side: OtherSide,
    requests: Taker,
    caller: Caller,
    _folder: TempDir,
}

impl Gateway {
    fn start() -> Self {
        let other_side = OtherSide::start();
        let requests = other_side.consume(topology::REQUEST_QUEUE);
        let (caller, folder) = other_side.runtime.block_on(async {
            let (store, folder) = database().await;
            (Caller::connect(roles::gateway(&other_side.broker, store).await), folder)
        });
        Self { other_side, requests, caller, _folder: folder }
    }

    /// One request and its response.
    fn round(&mut self, post: &mut Count<'_>, reply: &mut Count<'_>) {
        self.caller.post("");
        let mut taken = [None];
        post(&mut || taken = self.other_side.take([&mut self.requests]));
        let [Some(request)] = taken else { return };
        self.requests.ack(&request);
        let message = stored(&request);
        self.other_side.send(topology::REPLIES, return_address(&request.envelope), &message);
        reply(&mut || self.other_side.wait_for(self.caller.read()));
        self.caller.assert_created();
    }
}

/// The persister's reply to this request.
fn stored(request: &Delivery) -> Message {
    let Request { missions } = serde_json::from_slice(&request.body).expect("a request");
    let mission = |id: &_| Mission { id: *id, ..Mission::example() };
    let missions = missions.as_slice().iter().map(mission).collect();
    let body = json(&Missions { missions });
    Message::reply(&request.envelope, MessageType::Missions, STAMPS, body)
}
