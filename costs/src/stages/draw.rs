//! The workers that draw parts: they take a question and reply.

use schemas::{MissionIds, Part, Request, topology};

use super::round::Round;
use crate::other_side::{Message, OtherSide, REPLIES};
use crate::{LIST, roles};

/// Each part of a list, from the question to the replies.
pub(super) fn parts_of_a_list() -> Round {
    let mut other_side = OtherSide::start();
    let mut replies = other_side.consume_own(REPLIES);
    other_side.runtime.block_on(async {
        Part::ALL.into_iter().for_each(|part| roles::part(part, &other_side.broker));
    });
    Box::new(move |count| {
        let ids = other_side.ids(LIST);
        let missions = MissionIds::try_from(ids.clone()).expect("a list");
        other_side.send(topology::PARTS, "", &Message::question(&ids, &Request { missions }));
        for _ in Part::ALL {
            let mut taken = [None];
            count(&mut || taken = other_side.take([&mut replies]));
            let [Some(reply)] = taken else { return };
            replies.ack(&reply);
        }
    })
}
