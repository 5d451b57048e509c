//! Short chaos runs on servers of their own: faults that are over at once, from a fixed seed; and every
//! process restarted in turn.

use std::path::Path;

use ::chaos::{Options, run};
use tempfile::TempDir;

/// Runs it, and shows the report if it does not hold.
fn holds(options: impl FnOnce(Options) -> Options) {
    let out = TempDir::new().unwrap();
    let options = options(Options {
        seconds: 20,
        seed: Some(7),
        callers: 12,
        quick: false,
        cluster: false,
        rolling: false,
        write: false,
        previous: None,
        out: out.path().to_owned(),
    });
    let program = Path::new(env!("CARGO_BIN_EXE_spymission"));
    let holds = run(&options, program, Path::new("/")).unwrap();
    let report = std::fs::read_to_string(out.path().join("report.md")).unwrap();
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
