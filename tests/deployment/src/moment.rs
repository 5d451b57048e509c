//! A moment to which the database returns.

use std::time::Instant;

use crate::day_two::PATIENCE;
use crate::facts::expect;
use crate::swarm::Swarm;
use xtask::Failure;

/// The missions of a moment between a backup and a mistake.
pub(crate) async fn returns(s: &Swarm<'_>) -> Result<String, Failure> {
    s.say("spymission-backup").await?;
    s.ask_without_failure(300).await?;
    let before = s.stored().await?;
    let moment = s.say("date +%s").await?;
    s.await_said("date +%s", PATIENCE, |now| now != moment).await?;
    s.sql("DELETE FROM missions ORDER BY created_at DESC LIMIT 200").await?;
    s.ask_without_failure(100).await?;
    let began = Instant::now();
    let said = s.say(&format!("spymission-backup-at @{}", moment.trim())).await?;
    let time = began.elapsed();
    let file = said.split(':').next().unwrap_or_default();
    // Without the one that the probe asks for.
    let standing = s.stored().await?.len() - 1;
    let restore = format!("echo replace {standing} missions | spymission-restore --replace {file}");
    s.say(&restore).await?;
    let after = s.stored().await?;
    expect(after == before, || format!("{} missions of {}", after.len(), before.len()))?;
    let later = s.ask_without_failure(500).await?;
    Ok(format!("{} after {:.1} s, all restored; then {later}", said.trim(), time.as_secs_f64()))
}
