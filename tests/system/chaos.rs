//! Short chaos runs on servers of their own: faults that are over at once, from a fixed seed; every
//! process restarted in turn; and a replica that takes the place of the database.

use std::path::Path;

use ::chaos::{Options, run};
use tempfile::TempDir;

/// Runs it. Whether every invariant holds, and the report.
fn report(options: impl FnOnce(Options) -> Options) -> (bool, String) {
    let out = TempDir::new().unwrap();
    let options = options(Options {
        seconds: 20,
        seed: Some(7),
        callers: 12,
        quick: false,
        cluster: false,
        rolling: false,
        takeover: false,
        asynchronous: false,
        write: false,
        previous: None,
        out: out.path().to_owned(),
    });
    let program = Path::new(env!("CARGO_BIN_EXE_spymission"));
    let holds = run(&options, program, Path::new("/")).unwrap();
    (holds, std::fs::read_to_string(out.path().join("report.md")).unwrap())
}

fn holds(options: impl FnOnce(Options) -> Options) {
    let (holds, report) = report(options);
    assert!(holds, "{report}");
}

#[test]
fn every_invariant_holds_after_quick_faults_under_load() {
    holds(|options| Options { quick: true, ..options });
}

#[test]
fn no_request_fails_while_every_process_is_restarted_in_turn() {
    holds(|options| Options { rolling: true, ..options });
}

#[test]
fn a_replica_that_takes_over_from_a_semi_synchronous_primary_has_every_promised_mission() {
    holds(|options| Options { takeover: true, quick: true, ..options });
}

/// So a loss is seen where there is one.
#[test]
fn a_replica_that_takes_over_from_an_asynchronous_primary_lacks_what_it_had_not_received() {
    let asynchronous = true;
    let (holds, report) =
        report(|options| Options { takeover: true, asynchronous, quick: true, ..options });
    assert!(!holds && report.contains("BROKEN I5: "), "{report}");
    assert!(report.contains("was told and does not stand"), "{report}");
}
