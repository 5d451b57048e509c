//! How many missions can be answered in time.
//!
//! Requests are answered nearly in the order in which they were published. So the messages that were
//! published after the request that was answered last are still to be done, whether or not their
//! callers still wait.

use std::time::Duration;

use tokio::time::Instant;

/// The seconds whose replies tell the speed.
const SECONDS: usize = 11;
/// In so many of these there must be replies. Fewer say nothing: the workers were away, or are back
/// just now.
const ENOUGH: usize = 2;
/// The speed is measured over so many seconds in a row. One second is too short: a list may take longer
/// than that, and its missions are all answered at one time.
const STEADY: Duration = Duration::from_secs(3);
/// While requests are answered within the patience divided by this, nothing is refused.
const SOON: u32 = 10;
/// And at least within this time: short waits make no system faster.
const AT_LEAST: Duration = Duration::from_millis(500);
/// Messages that were published within this time count as one: what an id says of its time is not
/// exact.
const SAME: Duration = Duration::from_millis(50);
/// So many missions may be on their way, however slow the system is.
pub(super) const FEWEST: usize = 64;

/// What was published and answered lately.
pub(super) struct Backlog {
    /// How long a caller shall wait at most.
    patience: Duration,
    answered: Counts,
    /// When the last reply came.
    last_reply: Option<Instant>,
    /// When the last message was published.
    last_published: Option<Instant>,
    /// When the youngest of the answered messages was published.
    newest: Option<Instant>,
    /// When the oldest message without a reply was published, or the one before it; `None`: there is
    /// none.
    unanswered: Option<Instant>,
    /// How many missions were answered since there has always been a message without a reply, and
    /// since when that is.
    busy: Option<(Instant, usize)>,
}

impl Backlog {
    /// Callers wait for `wait`; they are to be answered in half of that.
    pub(super) fn new(wait: Duration) -> Self {
        Self {
            patience: wait / 2,
            answered: Counts::new(),
            last_reply: None,
            last_published: None,
            newest: None,
            unanswered: None,
            busy: None,
        }
    }

    /// Notes a confirmed message that was published then, a moment ago. Its reply may be here already.
    pub(super) fn published(&mut self, at: Instant) {
        self.last_published = Some(at);
        if self.newest.is_none_or(|newest| newest < at) {
            self.unanswered.get_or_insert(at);
            self.busy.get_or_insert((at, 0));
        }
    }

    /// Notes a reply to a request that was published then.
    pub(super) fn answered(&mut self, missions: usize, published_at: Option<Instant>) {
        self.answered.note(missions);
        self.last_reply = Some(Instant::now());
        if let Some((_, done)) = &mut self.busy {
            *done += missions;
        }
        self.newest = self.newest.max(published_at);
        let Some((newest, last)) = self.newest.zip(self.last_published) else { return };
        let is_the_last = last.saturating_duration_since(newest) < SAME;
        self.unanswered = (!is_the_last).then_some(newest);
        self.busy = self.busy.filter(|_| !is_the_last);
    }

    /// While every caller is answered within this time, nothing is refused.
    pub(super) fn soon(&self) -> Duration {
        (self.patience / SOON).max(AT_LEAST)
    }

    /// How many missions can be done in time, if the system does not keep up with its requests: one that
    /// is published, or one in the gateway (`waits`), has waited for longer than [`Self::soon`]. `None`
    /// also when no reply has come for the whole patience: then the workers may be away, and requests
    /// wait for them in their queue.
    pub(super) fn most(&self, waits: bool) -> Option<usize> {
        let age = self.unanswered.map(|at| at.elapsed());
        let (busy, done) =
            self.busy.map(|(since, done)| (since.elapsed(), done)).unwrap_or_default();
        let silent = self.last_reply?.elapsed() > self.patience.max(AT_LEAST);
        let is_slow = age.unwrap_or_default() > self.soon() && busy > self.soon();
        if silent || !(is_slow || waits) {
            return None;
        }
        let within = |missions: usize, time: Duration| {
            missions.saturating_mul(millis(self.patience)) / millis(time).max(1)
        };
        // Before it was busy it may have been asked for little.
        let lately = if busy > self.soon() { within(done, busy) } else { 0 };
        let in_time = within(self.answered.fastest()?, STEADY).max(lately);
        Some(in_time.max(FEWEST))
    }
}

/// Whole milliseconds.
pub(super) fn millis(time: Duration) -> usize {
    usize::try_from(time.as_millis()).unwrap_or(usize::MAX)
}

/// How many missions there were in each of the last seconds.
struct Counts {
    start: Instant,
    /// The number of a second, and its missions. A second has its place by its number.
    places: [(u64, usize); SECONDS],
}

impl Counts {
    fn new() -> Self {
        Self { start: Instant::now(), places: [(0, 0); SECONDS] }
    }

    fn note(&mut self, missions: usize) {
        let number = self.start.elapsed().as_secs();
        let place = usize::try_from(number).unwrap_or_default() % SECONDS;
        let Some(at) = self.places.get_mut(place) else { return };
        if at.0 != number {
            *at = (number, 0);
        }
        at.1 += missions;
    }

    fn since(&self, number: u64) -> impl Iterator<Item = (u64, usize)> {
        self.places.iter().copied().filter(move |(at, _)| *at >= number)
    }

    /// In the fastest [`STEADY`] seconds: a short stall makes nothing slower. `None` if too few seconds
    /// had any.
    fn fastest(&self) -> Option<usize> {
        let now = self.start.elapsed().as_secs();
        let from = (now + 1).saturating_sub(SECONDS as u64);
        let had_any = self.since(from).filter(|(_, missions)| *missions > 0).count();
        let windows = (from..=now).map(|first| {
            let window = self.since(first).filter(|(at, _)| *at < first + STEADY.as_secs());
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
            if *published > 0 {
                backlog.published(Instant::now());
            }
            if *answered > 0 {
                let at = Instant::now().checked_sub(Duration::from_secs(behind));
                backlog.answered(*answered, at);
            }
            tokio::time::advance(Duration::from_secs(1)).await;
        }
    }

    /// The clock of a test begins at zero, and nothing can be published before.
    async fn backlog() -> Backlog {
        let backlog = Backlog::new(WAIT);
        tokio::time::advance(Duration::from_secs(100)).await;
        backlog
    }

    #[tokio::test(start_paused = true)]
    async fn as_many_may_be_on_their_way_as_are_done_within_the_patience() {
        let mut backlog = backlog().await;
        seconds(&mut backlog, &[(300, 100), (300, 120), (300, 100), (300, 100)], 2).await;
        assert_eq!(backlog.most(false), Some(533), "5 s at the fastest 3");
    }

    #[tokio::test(start_paused = true)]
    async fn a_system_that_keeps_up_is_slow_when_something_waits_and_then_silent() {
        let mut backlog = backlog().await;
        assert!(backlog.most(false).is_none(), "no reply yet");
        seconds(&mut backlog, &[(100, 100); 5], 0).await;
        assert!(backlog.most(false).is_none(), "it keeps up, and everything is answered");
        seconds(&mut backlog, &[(100, 0); 2], 0).await;
        assert!(backlog.most(false).is_some(), "it is slow");
        seconds(&mut backlog, &[(100, 0); 3], 0).await;
        assert!(backlog.most(false).is_none(), "it is silent");
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_pause_of_the_callers_nothing_is_slow() {
        let mut backlog = backlog().await;
        seconds(&mut backlog, &[(3, 3), (3, 3), (0, 0), (0, 0)], 0).await;
        backlog.published(Instant::now());
        assert!(backlog.most(false).is_none(), "a crowd has come just now");
        backlog.answered(1, None);
        assert!(backlog.most(false).is_none(), "nor after a reply to an unknown request");
    }

    #[tokio::test(start_paused = true)]
    async fn a_reply_that_is_here_before_its_confirm_leaves_nothing_unanswered() {
        let mut backlog = backlog().await;
        seconds(&mut backlog, &[(0, 3), (0, 3)], 1).await;
        let at = Instant::now();
        backlog.answered(3, Some(at));
        backlog.published(at);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert!(backlog.most(false).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_system_that_has_just_begun_to_be_busy_is_as_fast_as_it_was_since() {
        let mut backlog = backlog().await;
        seconds(&mut backlog, &[(3, 0), (3, 100)], 1).await;
        backlog.answered(100, None);
        assert_eq!(backlog.most(false), Some(500), "200 in 2 s");
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_is_forgotten_when_its_place_is_due() {
        let mut backlog = backlog().await;
        let each = [&[(0, 1_000)][..], &[(0, 10); 10]].concat();
        seconds(&mut backlog, &each, 0).await;
        assert_eq!(backlog.most(true), Some(FEWEST), "the 1,000 are 11 s old");
    }

    #[tokio::test(start_paused = true)]
    async fn in_its_first_second_a_gateway_knows_no_speed() {
        let mut backlog = Backlog::new(WAIT);
        backlog.answered(100, None);
        assert_eq!(backlog.most(true), None);
    }

    #[test]
    fn soon_is_a_tenth_of_the_patience_and_half_a_second_at_least() {
        let soon = |seconds| Backlog::new(Duration::from_secs(seconds)).soon().as_millis();
        assert_eq!([1, 10, 20].map(soon), [500, 500, 1_000]);
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_silence_the_speed_is_known_in_the_second_second() {
        let mut backlog = backlog().await;
        seconds(&mut backlog, &[(100, 0); 12], 0).await;
        seconds(&mut backlog, &[(0, 10)], 12).await;
        assert!(backlog.most(false).is_none(), "one is not enough");
        seconds(&mut backlog, &[(0, 200)], 12).await;
        assert_eq!(backlog.most(false), Some(350));
    }
}
