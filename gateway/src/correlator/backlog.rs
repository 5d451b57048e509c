//! How many missions are on their way, and whether one more would be answered in time.
//!
//! Requests are answered nearly in the order in which they were published. So the missions that were
//! published after the request that was answered last are still to be done, whether or not their
//! callers still wait.

use std::time::Duration;

use tokio::time::Instant;

/// The seconds before this one whose replies tell the speed, too.
const SECONDS: u64 = 10;
/// In so many of these there must be replies. Fewer say nothing: the workers were away, or are back
/// just now.
const ENOUGH: usize = 2;
/// The speed is that of so many seconds on end: a list is answered at once and may have taken long.
const STEADY: u64 = 3;
/// While requests are answered within this share of the patience, nothing is refused.
const SOON: u32 = 10;
/// So many missions may be on their way, however slow the system is.
const FEWEST: usize = 64;

/// The missions that were published and answered in each of the last seconds.
pub(super) struct Backlog {
    /// How long a caller shall wait at most.
    patience: Duration,
    published: PerSecond,
    answered: PerSecond,
    /// When the last reply came.
    last_reply: Option<Instant>,
    /// When the youngest request that was answered was published.
    newest: Option<Instant>,
}

impl Backlog {
    /// Callers wait for `wait`; they are to be answered in half of that.
    pub(super) fn new(wait: Duration) -> Self {
        let (published, answered) = (PerSecond::new(), PerSecond::new());
        Self { patience: wait / 2, published, answered, last_reply: None, newest: None }
    }

    /// Notes a published message.
    pub(super) fn published(&mut self, missions: usize) {
        self.published.note(missions);
    }

    /// Notes a reply to a request that was published then.
    pub(super) fn answered(&mut self, missions: usize, published_at: Option<Instant>) {
        self.answered.note(missions);
        self.last_reply = Some(Instant::now());
        self.newest = self.newest.max(published_at);
    }

    /// How many missions may be on their way and how many are, if the system does not keep up with
    /// its requests. While there are no replies it is not known to be slow: the workers may be away,
    /// and requests wait for them in their queue.
    pub(super) fn excess(&self) -> Option<(usize, usize)> {
        let age = self.newest?.elapsed();
        if age <= self.patience / SOON || self.last_reply?.elapsed() > self.patience {
            return None;
        }
        let in_time = self.answered.fastest()?.saturating_mul(millis(self.patience));
        let in_time = in_time / (1_000 * STEADY as usize);
        Some((in_time.max(FEWEST), self.published.in_the_last(age)))
    }
}

fn millis(time: Duration) -> usize {
    usize::try_from(time.as_millis()).unwrap_or(usize::MAX)
}

/// Places for seconds. A backlog that lasts longer is taken for shorter than it is.
const PLACES: usize = 64;

/// How many missions there were in each of the last seconds.
struct PerSecond {
    start: Instant,
    /// The number of a second, and its missions. A second has its place by its number.
    seconds: [(u64, usize); PLACES],
}

impl PerSecond {
    fn new() -> Self {
        Self { start: Instant::now(), seconds: [(0, 0); PLACES] }
    }

    fn second(&self) -> u64 {
        self.start.elapsed().as_secs()
    }

    fn note(&mut self, missions: usize) {
        let second = self.second();
        let place = usize::try_from(second).unwrap_or_default() % PLACES;
        let Some(at) = self.seconds.get_mut(place) else { return };
        if at.0 != second {
            *at = (second, 0);
        }
        at.1 += missions;
    }

    fn since(&self, second: u64) -> impl Iterator<Item = (u64, usize)> {
        self.seconds.iter().copied().filter(move |(at, _)| *at >= second)
    }

    /// In the seconds that began within this time.
    fn in_the_last(&self, time: Duration) -> usize {
        let from = self.start.elapsed().saturating_sub(time).as_millis().div_ceil(1_000);
        self.since(u64::try_from(from).unwrap_or(u64::MAX)).map(|(_, missions)| missions).sum()
    }

    /// In the fastest [`STEADY`] seconds of the last ones: a short stall makes nothing slower. `None` if
    /// too few of them had any.
    fn fastest(&self) -> Option<usize> {
        let now = self.second();
        let from = now.saturating_sub(SECONDS);
        let had_any = self.since(from).filter(|(_, missions)| *missions > 0).count();
        let windows = (from..=now).map(|first| {
            let window = self.since(first).filter(|(at, _)| *at < first + STEADY);
            window.map(|(_, missions)| missions).sum()
        });
        windows.max().filter(|_| had_any >= ENOUGH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIT: Duration = Duration::from_secs(10);

    /// In each second so many are published and answered; those answered were published `behind` ago.
    async fn seconds(backlog: &mut Backlog, each: &[(usize, usize)], behind: u64) {
        for (published, answered) in each {
            backlog.published(*published);
            if *answered > 0 {
                let at = Instant::now().checked_sub(Duration::from_secs(behind));
                backlog.answered(*answered, at);
            }
            tokio::time::advance(Duration::from_secs(1)).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_published_after_the_last_answer_is_still_to_be_done() {
        tokio::time::advance(Duration::from_secs(100)).await;
        let mut backlog = Backlog::new(WAIT);
        tokio::time::advance(Duration::from_secs(100)).await;
        seconds(&mut backlog, &[(300, 100), (300, 120), (300, 100), (300, 100)], 2).await;
        let (may, are) = backlog.excess().unwrap();
        assert_eq!((may, are), (533, 900), "5 s at the fastest 3; the last 3 s are not answered");
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_known_without_replies_or_while_they_come_soon() {
        tokio::time::advance(Duration::from_secs(100)).await;
        let mut backlog = Backlog::new(WAIT);
        assert!(backlog.excess().is_none(), "no reply yet");
        seconds(&mut backlog, &[(100, 100); 5], 0).await;
        backlog.answered(1, Some(Instant::now()));
        assert!(backlog.excess().is_none(), "it keeps up");
        seconds(&mut backlog, &[(100, 0); 4], 0).await;
        assert!(backlog.excess().is_some(), "it is slow");
        seconds(&mut backlog, &[(100, 0); 4], 0).await;
        assert!(backlog.excess().is_none(), "it is silent");
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_silence_the_speed_is_known_in_the_second_second() {
        tokio::time::advance(Duration::from_secs(100)).await;
        let mut backlog = Backlog::new(WAIT);
        seconds(&mut backlog, &[(100, 0); 12], 0).await;
        seconds(&mut backlog, &[(0, 10)], 12).await;
        assert!(backlog.excess().is_none(), "one is not enough");
        seconds(&mut backlog, &[(0, 200)], 12).await;
        assert_eq!(backlog.excess().unwrap().0, 350);
    }
}
