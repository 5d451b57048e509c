//! Named places in the code where a test can make the process die.

use schemas::MissionId;

/// The environment variable. `place=<mission id>` makes the process die at that place on that
/// mission, `place=*` on any mission.
#[cfg(debug_assertions)]
const VARIABLE: &str = "SPYMISSION_FAILPOINT";

/// Aborts the process if a test has set this failpoint for one of these missions. A release
/// build does nothing here.
#[cfg_attr(not(debug_assertions), expect(unused_variables, reason = "only for tests"))]
pub fn reach(place: &str, missions: impl IntoIterator<Item = MissionId>) {
    #[cfg(debug_assertions)]
    {
        use std::sync::OnceLock;
        static CHOSEN: OnceLock<Option<(String, String)>> = OnceLock::new();
        let chosen = CHOSEN.get_or_init(|| {
            let value = std::env::var(VARIABLE).ok()?;
            value.split_once('=').map(|(place, id)| (place.to_owned(), id.to_owned()))
        });
        let Some((chosen_place, id)) = chosen else { return };
        let hit = || id == "*" || missions.into_iter().any(|mission| mission.to_string() == *id);
        if chosen_place == place && hit() {
            std::process::abort();
        }
    }
}
