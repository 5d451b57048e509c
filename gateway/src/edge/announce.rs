//! One short line for each request for missions, for whoever watches a terminal: at most 20 a
//! second, and how many more there were.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use tokio::time::Instant;

use crate::figures::duration;
use crate::summary::Summary;

/// Lines of one second.
const MOST: u32 = 20;
const SECOND: Duration = Duration::from_secs(1);

/// Writes the lines. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Announcer(Arc<Mutex<Window>>);

/// The second that began with its first line.
#[derive(Default)]
struct Window {
    began: Option<Instant>,
    lines: u32,
    more: u64,
}

/// What becomes of a line.
#[derive(Debug, PartialEq, Eq)]
enum Admission {
    Shown,
    /// It is counted. The first of a second tells when the count is due.
    Counted(Option<Instant>),
}

impl Window {
    fn admit(&mut self, now: Instant) -> Admission {
        let began = match self.began.filter(|began| now.duration_since(*began) < SECOND) {
            Some(began) => began,
            None => {
                self.lines = 0;
                *self.began.insert(now)
            }
        };
        if self.lines < MOST {
            self.lines += 1;
            return Admission::Shown;
        }
        self.more += 1;
        Admission::Counted((self.more == 1).then(|| began + SECOND))
    }
}

impl Announcer {
    /// Writes a line: `201 4.5 ms Follow the double agent 019abc00…`.
    pub(super) fn tell(&self, status: StatusCode, took: Duration, summary: Option<&Summary>) {
        match self.window().admit(Instant::now()) {
            Admission::Shown => tracing::info!("{}", line(status, took, summary)),
            Admission::Counted(None) => {}
            Admission::Counted(Some(due)) => {
                let announcer = self.clone();
                tokio::spawn(async move {
                    tokio::time::sleep_until(due).await;
                    let more = std::mem::take(&mut announcer.window().more);
                    tracing::info!("and {more} more requests");
                });
            }
        }
    }

    fn window(&self) -> std::sync::MutexGuard<'_, Window> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn line(status: StatusCode, took: Duration, summary: Option<&Summary>) -> String {
    let took = duration(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    match summary {
        Some(summary) => format!("{} {took} {summary}", status.as_u16()),
        None => {
            let reason = status.canonical_reason().unwrap_or_default();
            format!("{} {took} {reason}", status.as_u16())
        }
    }
}

#[cfg(test)]
mod tests {
    use schemas::Mission;

    use super::*;

    #[test]
    fn twenty_lines_a_second_are_shown_and_the_first_that_is_not_tells_when_the_rest_is_counted() {
        let (mut window, began) = (Window::default(), Instant::now());
        for n in 0..MOST {
            assert_eq!(window.admit(began + Duration::from_millis(n.into())), Admission::Shown);
        }
        let late = began + Duration::from_millis(999);
        assert_eq!(window.admit(late), Admission::Counted(Some(began + SECOND)));
        assert_eq!(window.admit(late), Admission::Counted(None));
        assert_eq!(window.more, 2);
        assert_eq!(window.admit(began + SECOND), Admission::Shown);
    }

    #[test]
    fn a_line_is_short_and_says_what_became_of_the_request() {
        let (mission, took) = (Mission::example(), Duration::from_micros(4_512));
        let one = Summary::of(std::slice::from_ref(&mission)).unwrap();
        let several = Summary::of(&[mission.clone(), mission.clone()]).unwrap();
        let id = &mission.id.to_string()[..8];
        let text = format!("{} {}", mission.objective, mission.target);
        let created = StatusCode::CREATED;
        assert_eq!(line(created, took, Some(&one)), format!("201 4.5 ms {text} {id}…"));
        assert_eq!(line(created, took, Some(&several)), format!("201 4.5 ms 2 missions {id}…"));
        let refused = line(StatusCode::CONFLICT, Duration::from_secs(2), None);
        assert_eq!(refused, "409 2.0 s Conflict");
    }
}
