//! What a mission costs, counted: how often the pipeline allocates for it, and how many messages it
//! publishes. Counts are the same on every machine, so they guard what a clock cannot.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod baseline;
mod caller;
mod pipeline;

use baseline::{Costs, MARGIN, baseline};
use pipeline::Pipeline;

/// Missions in a list, and requests that are measured.
const LIST: usize = 100;
const REQUESTS: usize = 200;
const LISTS: usize = 20;

/// What a mission costs when this many requests ask for so many missions each.
fn measured(requests: usize, missions: usize) -> Costs {
    let pipeline = Pipeline::start();
    pipeline.answer(requests, missions); // tables, buffers and caches have their size then
    pipeline.cost(requests, missions)
}

fn assert_no_dearer(name: &str, now: &Costs) {
    let before = baseline(name);
    eprintln!("{name}: {now:?}, the baseline is {before:?}");
    let dearer = now.dearer_than(&before);
    assert!(
        dearer.is_empty(),
        "{name}: {dearer:?} by more than {:.0} %; if that is worth it, put {now:?} into \
         tests/costs/baseline.json",
        MARGIN * 100.0
    );
}

#[test]
fn a_mission_that_is_requested_alone_costs_no_more_than_before() {
    assert_no_dearer("alone", &measured(REQUESTS, 1));
}

#[test]
fn a_mission_of_a_list_of_a_hundred_costs_no_more_than_before() {
    assert_no_dearer("list", &measured(LISTS, LIST));
}

#[test]
fn one_allocation_or_message_more_is_found() {
    let before = baseline("alone");
    for dearer in [
        Costs { allocations: before.allocations * 1.04, ..before },
        Costs { messages: before.messages + 1.0, ..before },
    ] {
        assert_eq!(dearer.dearer_than(&before).len(), 1, "{dearer:?}");
    }
    assert!(before.dearer_than(&before).is_empty());
}
