//! The decider: it takes a request, asks for the parts, decides, has the decisions stored, and
//! acknowledges the request.

use bus::{Delivery, Envelope};
use rand::SeedableRng;
use rand::rngs::StdRng;
use schemas::{CreatedAt, Decisions, MessageType, MissionIds, Missions, Part, Request, topology};
use time::macros::datetime;

use super::round::{Count, Round};
use crate::other_side::{Message, OtherSide, Taker, json, return_address};
use crate::{LIST, roles};

/// The stamps of who made the parts, and of who stored them.
const PARTS: &str = "number n - 1 2 1";
const STORED: &str = "decider d - 1 2 1, number n 1 1 2 1, letter l 1 1 2 1, persister p 1 1 2 1";

/// A list, from its request to the acknowledgement.
pub(super) fn a_list() -> Round {
    let mut other_side = OtherSide::start();
    let mut parts = Part::ALL.map(|part| (part, other_side.consume(topology::part_queue(part))));
    let mut decisions = other_side.consume(topology::DECISION_QUEUE);
    let mut rng = StdRng::seed_from_u64(1);
    other_side.runtime.block_on(async { roles::decider(&other_side.broker) });
    Box::new(move |count| {
        let ids = other_side.ids(LIST);
        let missions = MissionIds::try_from(ids.clone()).expect("a list");
        let request = Message::question(&ids, &Request { missions });
        other_side.send(topology::REQUESTS, "", &request);
        for (part, questions) in &mut parts {
            let question = taken(&other_side, questions, count);
            let body = part.draw(LIST, &mut rng);
            let reply = Message::reply(&question.envelope, MessageType::Part(*part), PARTS, body);
            other_side.send(topology::REPLIES, return_address(&question.envelope), &reply);
        }
        let question = taken(&other_side, &mut decisions, count);
        let reply = stored(&question);
        other_side.send(topology::REPLIES, return_address(&question.envelope), &reply);
        // The acknowledgement is counted in the next round: every round but the first has one.
    })
}

/// Counts until the next message has come.
fn taken(other_side: &OtherSide, queue: &mut Taker, count: &mut Count<'_>) -> Delivery {
    let mut taken = [None];
    count(&mut || taken = other_side.take([&mut *queue]));
    let [taken] = taken;
    let taken = taken.expect("a message");
    queue.ack(&taken);
    taken
}

/// The persister's reply, of which the caller has a copy.
fn stored(question: &Delivery) -> Message {
    let decisions: Decisions = serde_json::from_slice(&question.body).expect("decisions");
    let at = CreatedAt::truncated(datetime!(2026-11-22 13:24:51.123456 UTC));
    let missions = decisions.missions.into_iter().map(|decision| decision.stored(at)).collect();
    let body = json(&Missions { missions });
    let reply = Message::reply(&question.envelope, MessageType::Missions, STORED, body);
    let copy_to = question.envelope.copy_to.clone();
    Message { envelope: Envelope { copy_to, ..reply.envelope }, ..reply }
}
