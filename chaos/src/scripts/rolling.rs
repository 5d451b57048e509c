//! Every process restarted in turn, and replaced by an older release and back.

use schemas::Role;

use super::step::Step;
use crate::failure::Failure;
use crate::faults::{Blow, blow_of};
use crate::system::System;

pub(super) fn steps(previous: bool) -> Vec<Step> {
    let roles = || Role::all_but(&[]).into_iter();
    let restart = roles().map(|role| {
        Step::new(format!("every {} restarted in turn", role.name()), move |system, programs| {
            each(system, role, programs.now)
        })
    });
    let replace = roles().filter(|_| previous).map(|role| {
        let name = format!("every {} replaced by the previous release, and back", role.name());
        Step::new(name, move |system, programs| {
            let previous = programs.previous.ok_or("there is no previous release")?;
            each(system, role, previous)?;
            each(system, role, programs.now)
        })
    });
    restart.chain(replace).collect()
}

/// Stops one after the other, and starts this program in its place.
fn each(system: &mut System, role: Role, program: &std::path::Path) -> Result<(), Failure> {
    for part in system.parts.iter_mut().filter(|part| part.role == role) {
        blow_of(part, Blow::Stopped)?;
        part.restart(program)?;
        part.await_ready()?;
    }
    Ok(())
}
