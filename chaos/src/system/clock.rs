//! A clock that can be wrong: libfaketime, for the second process of a role.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;

/// Where Debian installs it.
const LIBRARY: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

/// The file in which the offset stands; processes read it again.
#[derive(Clone)]
pub(crate) struct Clock(PathBuf);

impl Clock {
    /// `None` when libfaketime is not installed.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn find(dir: &Path) -> Result<Option<Self>, Failure> {
        if !Path::new(LIBRARY).is_file() {
            return Ok(None);
        }
        let clock = Self(dir.join("clock"));
        clock.step("+0")?;
        Ok(Some(clock))
    }

    /// From now on the clock differs by this: `+1h`, `-1h`, `+0`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn step(&self, by: &str) -> Result<(), Failure> {
        Ok(fs::write(&self.0, by)?)
    }

    /// Gives a process this clock. The monotonic clock stays right, as in a real step.
    pub(crate) fn of(&self, command: &mut Command) {
        command.env("LD_PRELOAD", LIBRARY).env("FAKETIME_TIMESTAMP_FILE", &self.0);
        command.env("FAKETIME_CACHE_DURATION", "1").env("DONT_FAKE_MONOTONIC", "1");
        command.env("FAKETIME_DONT_RESET", "1").env("FAKETIME_NO_CACHE", "0");
    }
}
