//! The persister: it takes decisions, stores them, replies and announces. SQLite has a thread of its
//! own, which is not counted.

use bus::{CopyTo, Envelope};
use schemas::{Decision, Decisions, topology};

use super::round::Round;
use crate::database::database;
use crate::other_side::{Message, OtherSide, REPLIES};
use crate::{LIST, roles};

/// Who gets a copy of the reply, as a gateway does.
const CALLER: &str = "reply.caller";

/// A list, from its decisions to the replies and the event.
pub(super) fn a_list() -> Round {
    let mut other_side = OtherSide::start();
    let (mut replies, mut copies) =
        (other_side.consume_own(REPLIES), other_side.consume_own(CALLER));
    let folder = other_side.runtime.block_on(async {
        let (store, folder) = database().await;
        roles::persister(&other_side.broker, store);
        folder
    });
    Box::new(move |count| {
        let _ = &folder; // it stays as long as the persister
        let ids = other_side.ids(LIST);
        let decision = |id: &_| Decision { id: *id, ..Decision::example() };
        let decisions = Decisions { missions: ids.iter().map(decision).collect() };
        let question = Message::question(&ids, &decisions);
        let caller = CopyTo { address: CALLER.to_owned(), correlation_id: Some("8".to_owned()) };
        let stamps =
            "decider d - 1 2 1, number n 1 1 2 1, letter l 1 1 2 1".parse().expect("stamps");
        let envelope = Envelope { copy_to: Some(caller), stamps, ..question.envelope };
        other_side.send(topology::DECISIONS, "", &Message { envelope, ..question });
        let mut taken = [None, None];
        count(&mut || taken = other_side.take([&mut replies, &mut copies]));
        let [Some(reply), Some(copy)] = taken else { return };
        replies.ack(&reply);
        copies.ack(&copy);
    })
}
