//! Runs the decoder that `SPYMISSION_FUZZ` names.
#![no_main]

use std::sync::LazyLock;

use fuzz::Target;
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = std::env::var("SPYMISSION_FUZZ").unwrap_or_default();
    fuzz::target(&name).expect("SPYMISSION_FUZZ names a target")
});

fuzz_target!(|bytes: &[u8]| (TARGET.run)(bytes));
