//! What a mission costs is compared with what it cost before: allocations and messages here,
//! instructions and what the servers do in `cargo xtask bench --compare`.

use std::process::Command;

use testkit::costs::{Compared, baseline, compare, in_units, read};

/// What the binary counts.
const COUNTED: [&str; 2] = ["allocations", "messages"];

#[test]
fn no_stage_allocates_more_often_and_no_mission_needs_more_messages_than_before() {
    let counted = Command::new(env!("CARGO_BIN_EXE_costs-allocations")).output().unwrap();
    let now = read(std::str::from_utf8(&counted.stdout).unwrap()).unwrap();
    let before = in_units(&baseline().unwrap(), |unit| COUNTED.contains(&unit));
    let refused: Vec<_> = compare(&before, &now).into_iter().filter(Compared::is_refused).collect();
    assert!(
        refused.is_empty(),
        "if that is worth it, run `cargo xtask bench --compare --accept`: {refused:#?}"
    );
}
