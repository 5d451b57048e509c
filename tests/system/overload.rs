//! Ten times more requests than can be done: as many are done as ever, and the rest is refused at once.
//!
//! By a test's setting the decider sleeps 20 ms for each mission. So the setting limits the speed, not the
//! machine of the test.

use std::time::{Duration, Instant};

use load::{Load, Report, Running, Stop};

use crate::process::Process;
use crate::system::{DEADLINE, System, begins, eventually};

/// What a mission takes in the decider, in milliseconds.
const SLOW: &str = "decider=20";
/// How many missions a second that allows.
const RATE: u32 = 50;
/// Fewer than one client may have, and more than can be answered while a caller waits.
const CONNECTIONS: usize = 1_000;
/// Callers that keep the decider busy.
const BUSY: usize = 32;
/// So many messages wait when the outage ends. To do them takes longer than a caller waits.
const BACKLOG: u64 = 800;
const MEASURED: Duration = Duration::from_secs(10);

/// A system with a slow decider.
struct Slow {
    system: System,
    gateway: Process,
    decider: Process,
    _workers: Vec<Process>,
}

impl Slow {
    async fn start() -> Self {
        let system = System::new().await;
        let gateway = system.gateway().await;
        let decider = system.worker_in(&[("SPYMISSION_SLOW", SLOW)], "decider");
        decider.says(begins("decider")).await;
        let workers = system.all_but(["decider"]);
        Self { system, gateway, decider, _workers: workers }
    }

    /// As many missions as can be done.
    async fn best(&self) -> Report {
        let warm_up = Duration::from_secs(2);
        let load = Load { warm_up, keep_bodies: true, ..Load::new(self.system.address(), BUSY) };
        load::start(load, Stop::After(MEASURED / 2)).finish().await
    }

    /// So many requests per second, whether or not they are answered.
    fn start_load(&self, rate: u32, until: Stop) -> Running {
        let load = Load {
            rate: Some(rate),
            keep_bodies: true,
            ..Load::new(self.system.address(), CONNECTIONS)
        };
        load::start(load, until)
    }

    /// Takes the decider away for at least so long, and until more requests wait than can be done while
    /// a caller waits. When it is back, what waits is done as fast as ever, and then as many callers are
    /// answered as ever.
    async fn survives_an_outage(mut self, at_least: Duration) {
        let best = self.best().await.rate();
        let load = self.start_load(2 * RATE, Stop::Told);
        self.decider.stop().await;
        let began = tokio::time::Instant::now();
        eventually("requests to wait", async || self.waiting() >= BACKLOG).await;
        tokio::time::sleep_until(began + at_least).await; // the outage itself
        let left = self.waiting();
        let needed = Duration::from_secs_f64(left as f64 / best);
        let decider = self.system.worker_in(&[("SPYMISSION_SLOW", SLOW)], "decider");
        decider.says(begins("decider")).await;
        let back = Instant::now();
        let patience = DEADLINE + needed.mul_f64(1.5);
        load.await_more(5 * u64::from(RATE), patience).await.unwrap();
        let (drained, began) = (back.elapsed(), Instant::now());
        load.await_more(5 * u64::from(RATE), DEADLINE).await.unwrap();
        let goodput = 5.0 * f64::from(RATE) / began.elapsed().as_secs_f64() / best;
        let report = load.stop().await;
        eprintln!(
            "best {best:.1}/s; {left} waited, {needed:.1?} of work; the first 250 callers answered after \
             {drained:.1?}; {report}; in the end {goodput:.2}"
        );
        assert!(drained < needed.mul_f64(1.5) + DEADLINE / 3, "{drained:.1?}, not {needed:.1?}");
        assert!(goodput >= 0.85, "{goodput:.2} of {best:.1} missions per second");
    }

    fn waiting(&self) -> u64 {
        self.system.vhost.as_ref().unwrap().queue("mission.requests").unwrap().messages_ready
    }
}

#[tokio::test]
async fn ten_times_the_load_leaves_the_goodput_and_refuses_the_rest_at_once() {
    let slow = Slow::start().await;
    let before = slow.best().await;
    let best = before.rate();
    let report = slow.start_load(10 * RATE, Stop::After(MEASURED)).finish().await;
    let (goodput, refused) = (report.rate() / best, report.refusals.quantile(0.5));
    eprintln!(
        "best {best:.1}/s; {report}; goodput {goodput:.2}, refused within {refused:.1} ms, p99 {:.1} ms",
        report.refusals.quantile(0.99)
    );
    assert!(goodput >= 0.85, "{goodput:.2} of {best:.1} missions per second");
    assert_eq!(report.status(202), 0, "who is admitted is answered in time");
    assert!(refused < 50.0, "refused at once: {refused:.1} ms");
    let peak = slow.gateway.peak_memory() >> 20;
    assert!(peak < 128, "the gateway took {peak} MiB");
    slow.system.all_but_the_refused_stand(&[before, report]).await;
}

/// Nobody waits for most of the requests any more when the decider is back, and twice as many come as it
/// can do.
#[tokio::test]
async fn what_an_outage_has_left_is_done_under_twice_the_load_and_then_callers_are_answered_in_time()
 {
    Slow::start().await.survives_an_outage(Duration::ZERO).await;
}

/// `cargo xtask test --no-lint -- --run-ignored only two_minutes`
#[tokio::test]
#[ignore = "takes minutes; the same with a short outage is a test of every run"]
async fn what_two_minutes_of_outage_have_left_is_done_and_then_callers_are_answered_in_time() {
    Slow::start().await.survives_an_outage(Duration::from_secs(120)).await;
}
