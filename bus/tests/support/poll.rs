//! Looks again and again for a fact that no event announces.

use std::time::Duration;

use crate::support::time::soon;

/// Looks every 20 ms until there is a result.
pub(crate) async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    let asking = async {
        loop {
            ticks.tick().await;
            if let Some(answer) = ask().await {
                return answer;
            }
        }
    };
    soon(what, asking).await
}
