//! Replicas multiply the speed of a role: 2, 4 and 8 of them do 2, 4 and 8 times as much as one. By a
//! test's setting each waits for every mission and does not compute, so that the setting limits the
//! speed and not the machine of the test.

mod callers;

use std::net::Ipv4Addr;
use std::time::Instant;

use testkit::servers::Port;

use crate::process::Process;
use crate::system::{System, begins, eventually, workers_but};
use callers::Callers;

/// The setting that makes a role slow.
const SLOW: &str = "SPYMISSION_SLOW";
/// What a mission takes in one replica of the slow role, in milliseconds. All requests that wait in a
/// worker are answered before their decider repeats them, and eight replicas need a fraction of a core.
const MILLIS: u32 = 50;
/// How many replicas there are, one level after the other.
const LEVELS: [usize; 4] = [1, 2, 4, 8];
/// Callers for each replica, with one request each. They are enough that no replica waits for requests.
const CALLERS: usize = 6;
/// How far a speed may be from the multiple of that of one replica.
const TOLERANCE: f64 = 0.15;

/// A role that is slow, and what is measured of it.
struct Slow {
    system: System,
    role: &'static str,
    replicas: Vec<Process>,
    /// How many replicas there were, and how many missions were stored in a second.
    speeds: Vec<(usize, f64)>,
}

impl Slow {
    async fn new(role: &'static str) -> Self {
        Self { system: System::new().await, role, replicas: Vec::new(), speeds: Vec::new() }
    }

    /// Starts one more replica of a worker.
    fn start(&mut self) {
        let slow = format!("{}={MILLIS}", self.role);
        self.replicas.push(self.system.worker_in(&[(SLOW, &slow)], self.role));
    }

    /// Waits until all replicas are at work, and measures. A speed that is not as expected is measured
    /// again, twice at most: something else may have had the machine.
    async fn measure(&mut self, begins: &str) {
        for replica in &self.replicas {
            replica.says(begins).await;
        }
        let mut speed = self.speed().await;
        for _ in 0..2 {
            if (self.share(speed) - 1.0).abs() > TOLERANCE {
                eprintln!("{}: {speed:.1} missions per second, measured again", self.role);
                speed = self.speed().await;
            }
        }
        let share = self.share(speed);
        self.speeds.push((self.replicas.len(), speed));
        let Self { role, speeds, .. } = self;
        assert!(
            (share - 1.0).abs() <= TOLERANCE,
            "{role}: {share:.2} of what it should be: {speeds:.1?}"
        );
    }

    /// Missions stored in a second, after the first ones.
    async fn speed(&self) -> f64 {
        let callers = i64::try_from(CALLERS * self.replicas.len()).unwrap();
        let (warm, _) = self.reach(self.system.rows().await + 2 * callers).await;
        let (from, began) = self.reach(warm + 1).await;
        let (to, ended) = self.reach(from + 6 * callers).await;
        (to - from) as f64 / (ended - began).as_secs_f64()
    }

    /// How a speed compares with as many times that of one replica as there are replicas, and that of
    /// one replica with what its setting allows.
    fn share(&self, speed: f64) -> f64 {
        let one = self.speeds.first().map_or(1_000.0 / f64::from(MILLIS), |(_, one)| *one);
        speed / one / self.replicas.len() as f64
    }

    /// Waits until so many missions are stored: how many there are then, and when.
    async fn reach(&self, rows: i64) -> (i64, Instant) {
        let mut seen = (0, Instant::now());
        eventually(&format!("{rows} rows"), async || {
            seen = (self.system.rows().await, Instant::now());
            seen.0 >= rows
        })
        .await;
        seen
    }
}

/// Replicas of a worker, before requests that come over AMQP.
async fn workers_multiply(role: &'static str) {
    let mut slow = Slow::new(role).await;
    let others = workers_but([role]).into_iter().map(|other| (other, slow.system.worker(other)));
    let others: Vec<_> = others.collect();
    for (other, worker) in &others {
        worker.says(begins(other)).await;
    }
    let callers = Callers::connect(&slow.system).await;
    for level in LEVELS {
        let more = level - slow.replicas.len();
        (0..more).for_each(|_| slow.start());
        callers.more(CALLERS * more);
        slow.measure(begins(role)).await;
    }
    eprintln!("{}: replicas and missions per second: {:.1?}", slow.role, slow.speeds);
}

#[tokio::test]
async fn number_workers_multiply_the_speed() {
    workers_multiply("number").await;
}

#[tokio::test]
async fn letter_workers_multiply_the_speed() {
    workers_multiply("letter").await;
}

#[tokio::test]
async fn deciders_multiply_the_speed() {
    workers_multiply("decider").await;
}

#[tokio::test]
async fn persisters_multiply_the_speed() {
    workers_multiply("persister").await;
}

/// Each gateway has callers of its own, as behind a proxy.
#[tokio::test]
async fn gateways_multiply_the_speed() {
    let mut slow = Slow::new("gateway").await;
    let _workers = slow.system.all_workers();
    let (mut ports, mut loads) = (Vec::new(), Vec::new());
    for level in LEVELS {
        while slow.replicas.len() < level {
            let port = Port::free().unwrap();
            let listen = format!("{}:{}", Ipv4Addr::LOCALHOST, port.number());
            let System { amqp, mysql, .. } = &slow.system;
            let servers = ["gateway", "--broker", amqp, "--database", mysql];
            let arguments = [&servers[..], &["--listen", &listen, "--drain", "1"]].concat();
            let gateway = Process::start_in(&[(SLOW, &format!("gateway={MILLIS}"))], &arguments);
            gateway.says("publishing requests").await;
            slow.replicas.push(gateway);
            let address = listen.parse::<std::net::SocketAddr>().unwrap();
            loads.push(load::start(load::Load::new(address, CALLERS), load::Stop::Told));
            ports.push(port);
        }
        slow.measure("publishing requests").await;
    }
    eprintln!("{}: replicas and missions per second: {:.1?}", slow.role, slow.speeds);
}
