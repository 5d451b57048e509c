//! Bodies and properties of messages.

use std::fmt::Debug;

use schemas::http::{Correction, MissionCount, Order};
use schemas::{
    Decisions, LetterParts, MissionIds, Missions, NumberParts, Problem, Request, Status,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What can be read is written and read as the same again.
fn round<T: DeserializeOwned + Serialize + PartialEq + Debug>(bytes: &[u8]) {
    let Ok(read) = serde_json::from_slice::<T>(bytes) else { return };
    let written = serde_json::to_vec(&read).expect("what was read can be written");
    let again = serde_json::from_slice::<T>(&written).expect("what was written can be read");
    assert_eq!(read, again);
}

/// The bodies of our own messages.
pub(crate) fn messages(bytes: &[u8]) {
    round::<Request>(bytes);
    round::<NumberParts>(bytes);
    round::<LetterParts>(bytes);
    round::<Decisions>(bytes);
    round::<Missions>(bytes);
    round::<Problem>(bytes);
    if let Ok(status) = Status::parse(bytes) {
        assert!(status.instance.len() <= Status::LONGEST);
    }
}

/// The bodies of requests, which anybody may write.
pub(crate) fn requests(bytes: &[u8]) {
    for id in [None, Some("019abc00-1111-7222-8333-444455556600"), std::str::from_utf8(bytes).ok()]
    {
        match Request::parse(bytes, id) {
            Ok(request) => {
                let mut ids = request.missions.as_slice().to_vec();
                assert!((1..=MissionIds::MAX).contains(&ids.len()));
                ids.sort_unstable();
                assert!(ids.is_sorted_by(|a, b| a < b), "an id stands twice");
            }
            Err(problem) => assert!(!problem.detail().is_empty()),
        }
    }
    let _ = MissionCount::parse(bytes);
    let _ = (Order::parse(bytes), Correction::parse(bytes));
}

/// The properties and headers of a message, as AMQP writes them.
pub(crate) fn properties(bytes: &[u8]) {
    if let Some(read) = bus::decoders::properties(bytes) {
        // A count of deliveries means nothing on a first delivery.
        assert_eq!(read.first, 0);
        assert!(read.later >= 1);
        // A first attempt is written as none.
        let attempt = if read.envelope.attempt == 1 { 0 } else { read.envelope.attempt };
        let onward = bus::Envelope { attempt, ..read.envelope };
        assert_eq!(onward, read.again, "what is passed on is what was read");
    }
}
