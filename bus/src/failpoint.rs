//! Named places in the code where a test can make the process die or wait. A release build does
//! nothing here.

use schemas::{MissionId, Role};

/// The environment variable of [`reach`]. `place=<mission id>` makes the process die at that place on that
/// mission, `place=*` on any mission.
#[cfg(debug_assertions)]
const VARIABLE: &str = "SPYMISSION_FAILPOINT";

/// The environment variable of [`slow`]. `letter=20` makes a letter worker wait 20 ms for each mission.
#[cfg(debug_assertions)]
const SLOW: &str = "SPYMISSION_SLOW";

/// Aborts the process if a test has set this failpoint for one of these missions.
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

/// Waits if a test has made this role slow: so long for each of these missions, for one batch after
/// the other, as if the process had one core and needed it.
#[cfg_attr(not(debug_assertions), expect(unused_variables, reason = "only for tests"))]
pub async fn slow(role: Role, missions: usize) {
    #[cfg(debug_assertions)]
    {
        use std::sync::OnceLock;
        use std::time::Duration;
        static CHOSEN: OnceLock<Option<(String, u32)>> = OnceLock::new();
        static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
        let chosen = CHOSEN.get_or_init(|| {
            let value = std::env::var(SLOW).ok()?;
            let (role, millis) = value.split_once('=')?;
            Some((role.to_owned(), millis.parse().ok()?))
        });
        let Some((_, millis)) = chosen.as_ref().filter(|(slow, _)| slow == role.name()) else {
            return;
        };
        let _turn = TURN.lock().await;
        let millis = u64::from(*millis).saturating_mul(missions.try_into().unwrap_or(u64::MAX));
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
}
