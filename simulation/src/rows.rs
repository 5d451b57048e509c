//! What somebody is told, against the rows of the table.

use schemas::Mission;

use crate::system::System;

/// Every mission that somebody is told of stands, just as it is told.
pub(crate) fn stands(system: &System, missions: &[Mission]) {
    for mission in missions {
        match system.tables.mission(mission.id) {
            None => system.world.breach("I5 commit before say", format!("no row {}", mission.id)),
            Some(row) if row != *mission => {
                system.world.breach("I4 truth of reply", format!("{mission:?} is not {row:?}"));
            }
            Some(_) => {}
        }
    }
}
