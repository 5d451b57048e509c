//! The program under test.

use std::path::{Path, PathBuf};

/// The program under test: a release build of `spymission`.
#[derive(Clone)]
pub(crate) struct Program(pub(crate) PathBuf);

impl Program {
    /// Where cargo has put it.
    pub(crate) fn of(root: &Path) -> Self {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), Into::into);
        Self(target.join("release/spymission"))
    }
}
