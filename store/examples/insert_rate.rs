//! How many missions a second the store takes and finds, call after call, on a database that it
//! may fill: `cargo run --release -p store --example insert_rate -- sqlite:rate.db`.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement of the real thing"
)]

use std::error::Error;
use std::time::{Duration, Instant};

use schemas::{CreatedAt, Decision};
use store::{Address, Store};
use uuid::Uuid;

/// How long each measurement lasts.
const SPELL: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address =
        std::env::args().nth(1).ok_or("name a database to fill: sqlite:FILE or mysql://…")?;
    let store = Store::new(&address.parse::<Address>()?);
    store.migrate().await?;
    for rows in [1, 60, 256, 1_024] {
        let inserted =
            rate(rows, 1, async |decisions, now| store.store(&decisions, now).await.map(drop))
                .await?;
        // What a persister's merges look like: the number of rows is never the same twice.
        let varying =
            rate(rows, 7, async |decisions, now| store.store(&decisions, now).await.map(drop))
                .await?;
        let known = decisions(rows)?;
        store.store(&known, CreatedAt::truncated(std::time::SystemTime::now().into())).await?;
        let ids: Vec<_> = known.iter().map(|decision| decision.id).collect();
        let found = rate(rows, 1, async |_, _| store.find(&ids).await.map(drop)).await?;
        println!(
            "{rows:5} rows a call: {inserted:7.0} inserted, {varying:7.0} (varying), {found:7.0} found a second"
        );
    }
    store.close().await;
    Ok(())
}

/// Rows a second; each call takes `rows` of them, or up to `spread - 1` fewer.
async fn rate(
    rows: usize,
    spread: usize,
    call: impl AsyncFn(Vec<Decision>, CreatedAt) -> Result<(), store::Error>,
) -> Result<f64, Box<dyn Error>> {
    let (begun, mut done, mut calls) = (Instant::now(), 0_u32, 0);
    while begun.elapsed() < SPELL {
        let decisions = decisions(rows.saturating_sub(calls % spread).max(1))?;
        done += u32::try_from(decisions.len())?;
        calls += 1;
        call(decisions, CreatedAt::truncated(std::time::SystemTime::now().into())).await?;
    }
    Ok(f64::from(done) / begun.elapsed().as_secs_f64())
}

fn decisions(rows: usize) -> Result<Vec<Decision>, Box<dyn Error>> {
    let decision = |_| Decision { id: Uuid::now_v7().into(), ..Decision::example() };
    Ok((0..rows).map(decision).collect())
}
