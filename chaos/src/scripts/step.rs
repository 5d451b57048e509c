//! One step of a script.

use std::time::Duration;

use testkit::process::poll;

use crate::failure::Failure;
use crate::faults::Programs;
use crate::system::System;

/// Makes a fault, and takes it back.
type Make = dyn Fn(&mut System, Programs<'_>) -> Result<(), Failure>;

/// One step of a script: a fault, made and taken back.
pub(crate) struct Step {
    pub(crate) name: String,
    /// The longest that callers may stand still, in milliseconds.
    pub(crate) longest: Option<u64>,
    make: Box<Make>,
}

impl Step {
    pub(super) fn new(
        name: impl Into<String>,
        make: impl Fn(&mut System, Programs<'_>) -> Result<(), Failure> + 'static,
    ) -> Self {
        Self { name: name.into(), longest: None, make: Box::new(make) }
    }

    /// Callers may stand still for so many milliseconds.
    pub(super) fn within(self, millis: u64) -> Self {
        Self { longest: Some(millis), ..self }
    }

    /// Makes the fault, and takes it back.
    ///
    /// # Errors
    /// A server or a process does not come back.
    pub(crate) fn make(&self, system: &mut System, programs: Programs<'_>) -> Result<(), Failure> {
        (self.make)(system, programs)
    }
}

pub(super) fn wait(time: Duration) {
    let _ = poll(time, || None::<()>);
}
