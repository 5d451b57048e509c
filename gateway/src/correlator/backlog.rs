//! How many missions are on their way, and whether one more would be answered in time.
//!
//! Requests are answered nearly in the order in which they were published. So the missions that were
//! published after the request that was answered last are still to be done, whether or not their
//! callers still wait.

use std::time::Duration;

use tokio::time::Instant;

/// The seconds whose replies tell the speed.
const SECONDS: usize = 11;
/// The slots in which published missions are counted, and how many of them: a backlog that lasts longer
/// than 64 s is taken for shorter than it is.
const SLOT: Duration = Duration::from_millis(100);
const SLOTS: usize = 640;
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
const FEWEST: usize = 64;

/// The missions that were published and answered lately.
pub(super) struct Backlog {
    /// How long a caller shall wait at most.
    patience: Duration,
    published: Counts<SLOTS>,
    answered: Counts<SECONDS>,
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
        let (published, answered) = (Counts::new(SLOT), Counts::new(Duration::from_secs(1)));
        Self {
            patience: wait / 2,
            published,
            answered,
            last_reply: None,
            last_published: None,
            newest: None,
            unanswered: None,
            busy: None,
        }
    }

    /// Notes a confirmed message that was published then, a moment ago. Its reply may be here already.
    pub(super) fn published(&mut self, missions: usize, at: Instant) {
        self.published.note(missions);
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

    /// How many missions may be on their way and how many are, if the system does not keep up with
    /// its requests. `None` also when no reply has come for the whole patience: then the workers may
    /// be away, and requests wait for them in their queue.
    pub(super) fn excess(&self) -> Option<(usize, usize)> {
        let age = self.unanswered?.elapsed();
        let (since, done) = self.busy?;
        let silent = self.last_reply?.elapsed() > self.patience.max(AT_LEAST);
        if age <= self.soon() || since.elapsed() <= self.soon() || silent {
            return None;
        }
        let within = |missions: usize, time: Duration| {
            missions.saturating_mul(millis(self.patience)) / millis(time).max(1)
        };
        // Before it was busy it may have been asked for little.
        let in_time = within(self.answered.fastest()?, STEADY).max(within(done, since.elapsed()));
        Some((in_time.max(FEWEST), self.published.in_the_last(age)))
    }
}

fn millis(time: Duration) -> usize {
    usize::try_from(time.as_millis()).unwrap_or(usize::MAX)
}

/// How many missions there were in each of the last slots of time.
struct Counts<const PLACES: usize> {
    start: Instant,
    slot: Duration,
    /// The number of a slot, and its missions. A slot has its place by its number.
    places: [(u64, usize); PLACES],
}

impl<const PLACES: usize> Counts<PLACES> {
    fn new(slot: Duration) -> Self {
        Self { start: Instant::now(), slot, places: [(0, 0); PLACES] }
    }

    /// The number of the slot that was so long ago.
    fn number(&self, ago: Duration) -> u64 {
        let since = self.start.elapsed().saturating_sub(ago).as_millis();
        u64::try_from(since / self.slot.as_millis().max(1)).unwrap_or(u64::MAX)
    }

    fn note(&mut self, missions: usize) {
        let number = self.number(Duration::ZERO);
        let place = usize::try_from(number).unwrap_or_default() % PLACES;
        let Some(at) = self.places.get_mut(place) else { return };
        if at.0 != number {
            *at = (number, 0);
        }
        at.1 += missions;
    }

    fn since(&self, number: u64) -> impl Iterator<Item = (u64, usize)> {
        self.places.iter().copied().filter(move |(at, _)| *at >= number)
    }

    /// In the slots of this time, the first one whole.
    fn in_the_last(&self, time: Duration) -> usize {
        self.since(self.number(time)).map(|(_, missions)| missions).sum()
    }
}

impl Counts<SECONDS> {
    /// In the fastest [`STEADY`] seconds: a short stall makes nothing slower. `None` if too few seconds
    /// had any.
    fn fastest(&self) -> Option<usize> {
        let now = self.number(Duration::ZERO);
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
                backlog.published(*published, Instant::now());
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
    async fn what_was_published_after_the_last_answer_is_still_to_be_done() {
        let mut backlog = backlog().await;
        seconds(&mut backlog, &[(300, 100), (300, 120), (300, 100), (300, 100)], 2).await;
        let (may, are) = backlog.excess().unwrap();
        assert_eq!((may, are), (533, 900), "5 s at the fastest 3; the last 3 s are not answered");
    }

    #[tokio::test(start_paused = true)]
    async fn a_system_that_keeps_up_is_slow_when_something_waits_and_then_silent() {
        let mut backlog = backlog().await;
        assert!(backlog.excess().is_none(), "no reply yet");
        seconds(&mut backlog, &[(100, 100); 5], 0).await;
        assert!(backlog.excess().is_none(), "it keeps up, and everything is answered");
        seconds(&mut backlog, &[(100, 0); 2], 0).await;
        assert!(backlog.excess().is_some(), "it is slow");
        seconds(&mut backlog, &[(100, 0); 3], 0).await;
        assert!(backlog.excess().is_none(), "it is silent");
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_pause_of_the_callers_nothing_is_slow() {
        let mut backlog = backlog().await;
        seconds(&mut backlog, &[(3, 3), (3, 3), (0, 0), (0, 0)], 0).await;
        backlog.published(1_000, Instant::now());
        assert!(backlog.excess().is_none(), "a crowd has come just now");
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_silence_the_speed_is_known_in_the_second_second() {
        let mut backlog = backlog().await;
        seconds(&mut backlog, &[(100, 0); 12], 0).await;
        seconds(&mut backlog, &[(0, 10)], 12).await;
        assert!(backlog.excess().is_none(), "one is not enough");
        seconds(&mut backlog, &[(0, 200)], 12).await;
        assert_eq!(backlog.excess().unwrap().0, 350);
    }
}
