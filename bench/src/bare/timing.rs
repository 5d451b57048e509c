//! One thing at a time, again and again.

use std::time::{Duration, Instant};

use load::Latencies;
use tokio::time::timeout;

use crate::failure::Failure;

/// The most that one may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The first ones do not count: caches fill, processes wake.
const WARM_UP: usize = 20;
/// How many count.
const TIMES: usize = 500;

/// The median in milliseconds of what 500 took, one after the other.
///
/// # Errors
/// One failed, or took more than 10 s.
pub(super) async fn median(
    mut one: impl AsyncFnMut() -> Result<(), Failure>,
) -> Result<f64, Failure> {
    let mut latencies = Latencies::default();
    for number in 0..WARM_UP + TIMES {
        let began = Instant::now();
        timeout(PATIENCE, one()).await??;
        if number >= WARM_UP {
            latencies.record(began.elapsed());
        }
    }
    Ok(latencies.quantile(0.5))
}
