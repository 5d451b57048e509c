//! Whether the workers and persisters still reply to a decider.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use super::notices::{Notices, Topic};

/// A question without an answer for this long is overdue: by then it is repeated.
const OVERDUE: Duration = Duration::from_secs(2);

/// One step of the work: its questions, and whether anybody answers them.
pub(super) struct Step {
    topic: Topic,
    notices: Arc<Notices>,
    state: Mutex<State>,
    /// How many steps are silent.
    silent_steps: watch::Sender<usize>,
}

#[derive(Default)]
struct State {
    /// Questions that are overdue.
    overdue: usize,
    last_answer: Option<Instant>,
    silent: bool,
}

impl Step {
    pub(super) fn new(
        topic: Topic,
        notices: Arc<Notices>,
        silent_steps: watch::Sender<usize>,
    ) -> Self {
        Self { topic, notices, state: Mutex::default(), silent_steps }
    }

    /// Waits for the answers to a question. When they are overdue, `missing` names those who have
    /// not answered. The step is silent from then on if nobody has answered any question of it
    /// since this one was asked; a single answer ends the silence, and so does the end of the last
    /// question that is overdue.
    pub(super) async fn answers<T>(
        &self,
        missing: impl Fn() -> String,
        asking: impl Future<Output = T>,
    ) -> T {
        let asked = Instant::now();
        tokio::pin!(asking);
        let Ok(answered) = timeout(OVERDUE, &mut asking).await else {
            let _overdue = self.overdue(asked, &missing());
            let answered = asking.await;
            self.answered();
            return answered;
        };
        self.answered();
        answered
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn overdue(&self, asked: Instant, missing: &str) -> Overdue<'_> {
        let mut state = self.state();
        state.overdue += 1;
        if state.overdue == 1 {
            self.notices.set(self.topic, Some(format!("waiting for: {missing}")));
        }
        if !state.silent && state.last_answer.is_none_or(|last| last < asked) {
            state.silent = true;
            self.silent_steps.send_modify(|steps| *steps += 1);
        }
        Overdue(self)
    }

    fn answered(&self) {
        let mut state = self.state();
        state.last_answer = Some(Instant::now());
        self.end_silence(&mut state);
    }

    fn end_silence(&self, state: &mut State) {
        if std::mem::take(&mut state.silent) {
            self.silent_steps.send_modify(|steps| *steps -= 1);
        }
    }
}

/// A question that is overdue, until it is answered or given up.
struct Overdue<'a>(&'a Step);

impl Drop for Overdue<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.overdue -= 1;
        if state.overdue == 0 {
            self.0.notices.set(self.0.topic, None);
            // All were given up: only a new question can find out whether somebody answers again.
            self.0.end_silence(&mut state);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_silence_ends_with_the_last_question_that_is_given_up() {
        let silent = watch::Sender::new(0);
        let notices = Arc::new(Notices::new(bus::Health::default()));
        let step = Step::new(Topic::Persister, notices, silent.clone());
        let asking = step.answers(|| "persister".to_owned(), std::future::pending::<()>());
        let mut seen = silent.subscribe();
        tokio::select! {
            () = asking => {}
            () = async { drop(seen.wait_for(|steps| *steps == 1).await) } => {}
        }
        assert_eq!(*silent.borrow(), 0);
    }
}
