//! So many letters that something may happen in the middle of their replay.

use uuid::Uuid;

use super::{STORED, late, listed, steps};
use crate::caller::Caller;
use crate::system::{System, eventually};

/// The letters. At 20 a second their replay takes two seconds.
pub const LETTERS: i64 = 40;

/// Fills a system with letters that are stored when they are replayed. Returns their missions.
pub async fn fill(system: &System) -> Vec<Uuid> {
    let caller = Caller::connect(system).await;
    let missions: Vec<_> = (0..LETTERS).map(|_| Uuid::new_v4()).collect();
    for mission in &missions {
        late(&caller, *mission).await;
    }
    eventually("all letters", async || system.dead_letters().await == LETTERS).await;
    missions
}

/// How many replays are known to be published, or were and are stored by now.
pub async fn published(system: &System) -> i64 {
    let sql = "SELECT count(*) FROM dead_letter_actions WHERE step = 'published'";
    sqlx::query_scalar(sql).fetch_one(&system.pool).await.unwrap()
}

/// Waits until the replay is in its middle.
pub async fn some_are_published(system: &System) {
    eventually("some replays", async || published(system).await >= 5).await;
}

/// Each letter was replayed once and is stored, and there is no other.
pub async fn each_is_stored_once(system: &System) {
    system.await_rows(LETTERS).await;
    assert_eq!(system.dead_letters().await, LETTERS, "another letter came of it");
    let letters = listed(system, &["--state", "all"]).await;
    assert_eq!(i64::try_from(letters.len()).unwrap(), LETTERS);
    for letter in letters {
        assert_eq!(steps(system, letter["id"].as_str().unwrap()).await, STORED);
    }
}
