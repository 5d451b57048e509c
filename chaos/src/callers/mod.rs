//! Callers of many manners, who ask all the time and write down what they are told.

mod amqp;
mod http;
mod places;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use tokio::task::JoinSet;

use crate::history::History;

pub(crate) use amqp::CANARY;
pub(crate) use http::Http;
pub(crate) use places::Places;

/// Running callers.
pub(crate) struct Callers {
    stop: Arc<AtomicBool>,
    running: JoinSet<()>,
}

impl Callers {
    /// Starts so many: of nine, four single missions over HTTP, one list, two with keys that are
    /// sometimes wrong, and two over AMQP, by a queue of their own and by direct reply-to.
    pub(crate) fn start(count: u32, places: &Places, history: &Arc<History>) -> Self {
        Self::of(0..count, places, history)
    }

    /// So many of those over HTTP, and so many of those over AMQP.
    pub(crate) fn of_ways(
        (http, amqp): (u32, u32),
        places: &Places,
        history: &Arc<History>,
    ) -> Self {
        let http = (0..http).map(|number| number / 7 * 9 + number % 7);
        let amqp = (0..amqp).map(|number| number / 2 * 9 + 7 + number % 2);
        Self::of(http.chain(amqp), places, history)
    }

    fn of(numbers: impl Iterator<Item = u32>, places: &Places, history: &Arc<History>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut running = JoinSet::new();
        for number in numbers {
            let (history, stop, places) = (Arc::clone(history), Arc::clone(&stop), places.clone());
            let until = move || stop.load(Relaxed);
            match number % 9 {
                0..=3 => running.spawn(http::singles(number, places, history, until)),
                4 => running.spawn(http::lists(number, places, history, until)),
                5 | 6 => running.spawn(http::keys(number, places, history, until)),
                7 => running.spawn(amqp::calls(number, false, places.amqp, history, until)),
                _ => running.spawn(amqp::calls(number, true, places.amqp, history, until)),
            };
        }
        Self { stop, running }
    }

    /// Has all of them finish what they have asked for.
    pub(crate) async fn stop(mut self) {
        self.stop.store(true, Relaxed);
        while self.running.join_next().await.is_some() {}
    }
}
