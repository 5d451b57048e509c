//! How many missions may be on their way: as many as keep the pipeline busy, and few enough that whoever
//! comes next is answered soon.
//!
//! What is more waits in the gateway, where clients take turns and where a caller that hangs up costs
//! nothing. The window doubles while it holds requests back though they are answered soon. When they are
//! answered late it shrinks to what is answered soon at that speed. So it finds what the system carries, as
//! congestion control does.

use std::collections::VecDeque;
use std::time::Duration;

use schemas::MissionIds;
use tokio::time::Instant;

use super::backlog::{FEWEST, millis};

/// Never more missions than that are on their way, while there are replies.
const MOST: usize = 65_536;
/// A reply comes soon if it takes at most so much longer than the fastest of late, and late if it takes
/// twice that.
const SOON: Duration = Duration::from_millis(250);
/// The fastest of the last one to two of these counts: what is slow for good is not late.
const LATELY: Duration = Duration::from_secs(30);
/// An id has the time of its message in whole milliseconds.
const SAME: Duration = Duration::from_millis(2);
/// So many messages are remembered. Then the oldest is forgotten.
const REMEMBERED: usize = 4_096;

/// The messages that are on their way.
pub(super) struct Window {
    /// Without a reply for so long, nothing is held back: the workers are away, and requests wait for
    /// them in their queue.
    silence: Duration,
    /// How many missions may be on their way.
    most: usize,
    /// When each was published, and its missions.
    messages: VecDeque<(Instant, usize)>,
    /// How many missions that are together.
    missions: usize,
    /// When the last reply came, or the first message after it was published; `None`: nothing is on its
    /// way.
    silent_since: Option<Instant>,
    /// Whether there was no room for a whole message since the window was last changed.
    was_full: bool,
    /// When it was last changed.
    changed: Instant,
    fastest: Fastest,
}

impl Window {
    pub(super) fn new(silence: Duration) -> Self {
        let (now, messages) = (Instant::now(), VecDeque::new());
        let (most, missions, fastest) = (FEWEST, 0, Fastest::new(now));
        Self {
            silence,
            most,
            messages,
            missions,
            silent_since: None,
            was_full: false,
            changed: now,
            fastest,
        }
    }

    /// How many missions may be published now, if it is at least so many. When nothing is on its way,
    /// any list may be published.
    ///
    /// # Errors
    ///
    /// When there is no room: until when nothing is published at most. A reply may end that earlier.
    pub(super) fn room_for(&mut self, missions: usize) -> Result<usize, Instant> {
        let Some(since) = self.silent_since else { return Ok(self.most) };
        let until = since + self.silence;
        let room = self.most.saturating_sub(self.missions);
        self.was_full |= room < MissionIds::MAX;
        match room {
            _ if Instant::now() >= until => Ok(MOST),
            _ if room < missions => Err(until),
            _ => Ok(room),
        }
    }

    /// How many missions are on their way.
    pub(super) fn missions(&self) -> usize {
        self.missions
    }

    /// A message was published then, a moment ago.
    pub(super) fn published(&mut self, missions: usize, at: Instant) {
        self.messages.push_back((at, missions));
        self.missions += missions;
        self.silent_since.get_or_insert(at);
        if self.messages.len() > REMEMBERED {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((_, missions)) = self.messages.pop_front() {
            self.missions = self.missions.saturating_sub(missions);
        }
    }

    /// A message was answered that was published then. Those before it are answered, too, or lost.
    pub(super) fn answered(&mut self, published_at: Option<Instant>) {
        let now = Instant::now();
        if let Some(published_at) = published_at {
            while self.messages.front().is_some_and(|(at, _)| *at <= published_at + SAME) {
                self.forget_oldest();
            }
            self.adjust(now.saturating_duration_since(published_at), now);
        }
        self.silent_since = self.messages.front().map(|_| now);
    }

    fn adjust(&mut self, age: Duration, now: Instant) {
        if now.saturating_duration_since(self.changed) < age {
            return; // it was on its way before the window was changed
        }
        let soon = self.fastest.note(age, now) + SOON;
        let most = match age {
            _ if self.fastest.is_new(now) => self.most / 2, // fewer on the way show how fast it can be
            _ if age <= soon && self.was_full => self.most * 2,
            _ if age > soon + SOON => self.most * millis(soon) / millis(age).max(1),
            _ => return,
        };
        (self.most, self.was_full, self.changed) = (most.clamp(FEWEST, MOST), false, now);
    }

    /// Nothing is on its way: a session begins.
    pub(super) fn clear(&mut self) {
        (self.missions, self.silent_since) = (0, None);
        self.messages.clear();
    }
}

/// The shortest time to a reply of late.
struct Fastest {
    /// In the [`LATELY`] before this one.
    before: Duration,
    /// In this one.
    now: Duration,
    /// When this one began.
    since: Instant,
}

impl Fastest {
    fn new(since: Instant) -> Self {
        Self { before: Duration::MAX, now: Duration::MAX, since }
    }

    /// Notes a reply, and returns the shortest time.
    fn note(&mut self, age: Duration, at: Instant) -> Duration {
        if at.saturating_duration_since(self.since) > LATELY {
            (self.before, self.now, self.since) = (self.now, Duration::MAX, at);
        }
        self.now = self.now.min(age);
        self.before.min(self.now)
    }

    /// Whether this is the first reply of a time.
    fn is_new(&self, at: Instant) -> bool {
        self.since == at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SILENCE: Duration = Duration::from_secs(5);

    async fn window() -> Window {
        let window = Window::new(SILENCE);
        tokio::time::advance(Duration::from_secs(1_000)).await; // nothing is published before zero
        window
    }

    /// Missions of a message.
    const EACH: usize = 10;

    /// A window that lets through as much as it can, and when each message was published that is not
    /// answered.
    struct Busy(Window, VecDeque<Instant>);

    impl Busy {
        /// So many missions can be done a second, and each takes at least so long. How many are done in
        /// so many seconds.
        async fn does(&mut self, seconds: usize, rate: usize, slowly: Duration) -> usize {
            let (Self(window, queue), step) = (self, Duration::from_millis(100));
            let mut done = 0;
            for _ in 0..seconds * 10 {
                while window.room_for(1).is_ok() && window.messages.len() < REMEMBERED {
                    window.published(EACH, Instant::now());
                    queue.push_back(Instant::now());
                }
                tokio::time::advance(step.min(slowly)).await;
                let old = queue.iter().take_while(|at| at.elapsed() >= slowly).count();
                for at in queue.drain(..old.min(rate / 10 / EACH)) {
                    window.answered(Some(at));
                    done += EACH;
                }
                tokio::time::advance(step.saturating_sub(slowly)).await;
            }
            done
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_fast_system_gets_all_that_it_can_do_and_a_slow_one_the_fewest() {
        let mut busy = Busy(window().await, VecDeque::new());
        let fast = busy.does(10, 10_000, Duration::from_millis(20)).await;
        assert!(fast >= 80_000, "{fast} of 100,000");
        let slow = busy.does(200, 100, Duration::from_millis(20)).await;
        assert_eq!(slow, 20_000);
        assert!(busy.0.missions <= 2 * FEWEST, "{} on their way", busy.0.missions);
    }

    #[tokio::test(start_paused = true)]
    async fn a_system_that_is_far_away_is_not_taken_for_a_busy_one() {
        let mut busy = Busy(window().await, VecDeque::new());
        busy.does(10, 1_000, Duration::from_millis(20)).await;
        let far = Duration::from_secs(2);
        busy.does(80, 1_000, far).await; // the fastest of late is that of before
        let done = busy.does(100, 1_000, far).await;
        assert!(done >= 60_000, "{done} of 100,000");
    }

    #[tokio::test(start_paused = true)]
    async fn a_window_with_room_for_a_whole_message_does_not_grow() {
        let (mut window, soon) = (window().await, Duration::from_millis(10));
        while window.most < 2 * MissionIds::MAX {
            let at = Instant::now();
            window.published(window.most, at);
            assert!(window.room_for(1).is_err(), "it is full");
            tokio::time::advance(soon).await;
            window.answered(Some(at));
            tokio::time::advance(soon).await;
        }
        let at = Instant::now();
        window.published(MissionIds::MAX, at);
        assert_eq!(window.room_for(MissionIds::MAX), Ok(MissionIds::MAX), "exactly as much");
        tokio::time::advance(soon).await;
        window.answered(Some(at));
        assert_eq!(window.most, 2 * MissionIds::MAX);
    }

    #[tokio::test(start_paused = true)]
    async fn a_window_shrinks_to_what_is_answered_soon_and_to_half_when_a_time_begins() {
        let (mut window, soon) = (window().await, Duration::from_millis(10));
        window.most = 1_024;
        let answer = async |window: &mut Window, age| {
            let at = Instant::now();
            window.published(1, at);
            tokio::time::advance(age).await;
            window.answered(Some(at));
        };
        answer(&mut window, soon).await;
        assert_eq!(window.most, 512, "the first reply of a time");
        tokio::time::advance(LATELY - soon).await;
        answer(&mut window, soon).await;
        assert_eq!(window.most, 512, "neither late nor full");
        tokio::time::advance(soon).await;
        answer(&mut window, soon).await;
        assert_eq!(window.most, 256, "a time begins");
        answer(&mut window, 2 * (soon + SOON) + soon).await;
        assert_eq!(window.most, 256 * 260 / 530);
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_session_begins_with_nothing_on_its_way() {
        let mut window = window().await;
        window.published(FEWEST, Instant::now());
        assert!(window.room_for(1).is_err());
        window.clear();
        assert_eq!((window.missions(), window.room_for(1)), (0, Ok(FEWEST)));
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_held_back_from_a_silent_system() {
        let mut window = window().await;
        while let Ok(room) = window.room_for(1) {
            window.published(room, Instant::now());
        }
        assert_eq!(window.missions, FEWEST);
        tokio::time::advance(SILENCE).await;
        for _ in 0..2 * REMEMBERED {
            assert_eq!(window.room_for(1), Ok(MOST));
            window.published(1, Instant::now());
        }
        assert_eq!(window.messages.len(), REMEMBERED, "and what is remembered has a bound");
    }
}
