//! When the consumer of an idle decider is made anew.
//!
//! Somebody may delete the request queue and make it again at once. RabbitMQ then attaches the old
//! consumer to the new queue, and 3.10 delivers nothing to it any more. No message tells of that, so
//! a consumer that gets nothing for a while is replaced by a new one.

use std::time::Duration;

use tokio::time::sleep;

/// The first renewal after the last request.
const SOON: Duration = Duration::from_secs(2);
/// The pause doubles up to this while no request comes.
const SELDOM: Duration = Duration::from_secs(64);

/// Counts the idle time of a decider.
pub(super) struct Renewal {
    pause: Duration,
}

impl Default for Renewal {
    fn default() -> Self {
        Self { pause: SOON }
    }
}

impl Renewal {
    /// A request came.
    pub(super) fn postpone(&mut self) {
        self.pause = SOON;
    }

    /// Waits until the consumer has to be replaced. Each call begins to count anew. Cancel safe.
    pub(super) async fn due(&mut self) {
        sleep(self.pause).await;
        self.pause = SELDOM.min(self.pause * 2);
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_idle_decider_renews_its_consumer_ever_less_often_and_a_busy_one_soon() {
        let mut renewal = Renewal::default();
        let began = Instant::now();
        for idle in [2, 6, 14, 30, 62, 126, 190] {
            renewal.due().await;
            assert_eq!(began.elapsed().as_secs(), idle);
        }
        renewal.postpone();
        let began = Instant::now();
        renewal.due().await;
        assert_eq!(began.elapsed(), SOON);
    }
}
