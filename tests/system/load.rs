//! Ten thousand missions at once, and what may happen meanwhile.

use std::cell::Cell;
use std::time::{Duration, Instant};

use load::{Report, Stop};
use uuid::Uuid;

use crate::caller::Caller;
use crate::outages::{PATIENT, asking, just_these_stand};
use crate::process::Process;
use crate::redelivery::requests_are;
use crate::system::{System, begins, eventually, workers_but};

const MISSIONS: u64 = 10_000;
const CONNECTIONS: usize = 64;

/// A gateway, and three workers of each role.
struct Fleet {
    system: System,
    gateway: Process,
    workers: Vec<(&'static str, Process)>,
}

impl Fleet {
    async fn start() -> Self {
        let system = System::new().await;
        let gateway = system.gateway_with(&PATIENT, None).await;
        let start = |role| (role, system.worker(role));
        let workers: Vec<_> = workers_but([]).repeat(3).into_iter().map(start).collect();
        for (role, worker) in &workers {
            worker.says(begins(role)).await;
        }
        Self { system, gateway, workers }
    }

    async fn load(&self, missions: u64) -> Report {
        load::run(self.system.address(), CONNECTIONS, Stop::Requests(missions)).await
    }

    /// Every request of these loads got its mission; none is in a queue, and none was set aside.
    async fn all_is_well(&self, reports: &[Report]) {
        self.system.all_stand(reports).await;
        self.system.all_settled().await;
        let caller = Caller::connect(&self.system).await;
        assert!(caller.dead_letters().await.is_empty());
    }
}

#[tokio::test]
async fn ten_thousand_missions_at_64_connections_are_ten_thousand_rows_equal_to_their_replies() {
    let fleet = Fleet::start().await;
    let report = fleet.load(MISSIONS).await;
    assert_eq!(report.status(201), MISSIONS);
    eprintln!("{:.0} missions/s", report.rate());
    fleet.all_is_well(&[report]).await;
    let processes = fleet.workers.iter().map(|(role, process)| (*role, process));
    for (role, process) in processes.chain([("gateway", &fleet.gateway)]) {
        let peak = process.peak_memory() >> 20;
        eprintln!("{role}: {peak} MiB at most");
        assert!(peak < 64, "{role} took {peak} MiB");
    }
}

/// Every second one of the role's three processes gets SIGKILL, and another is started.
async fn killed_every_second(role: &str) {
    let mut fleet = Fleet::start().await;
    let (kills, over, mut reports) = (Cell::new(0), Cell::new(false), Vec::new());
    let Fleet { system, workers, .. } = &mut fleet;
    let loading = async {
        while kills.get() < 4 || (reports.len() as u64) < MISSIONS / 2_000 {
            let some = load::run(system.address(), CONNECTIONS, Stop::Requests(2_000));
            reports.push(some.await);
        }
        over.set(true);
    };
    let killing = async {
        let mut seconds = tokio::time::interval(Duration::from_secs(1));
        let mut three: Vec<_> = workers.iter_mut().filter(|(each, _)| *each == role).collect();
        while !over.get() {
            seconds.tick().await;
            let (_, victim) = &mut three[kills.get() % 3];
            victim.kill();
            *victim = system.worker(role);
            kills.set(kills.get() + 1);
        }
    };
    tokio::join!(loading, killing);
    eprintln!("killed a {role} {} times", kills.get());
    fleet.all_is_well(&reports).await;
}

#[tokio::test]
async fn a_decider_killed_every_second_costs_no_request() {
    killed_every_second("decider").await;
}

#[tokio::test]
async fn a_persister_killed_every_second_costs_no_request() {
    killed_every_second("persister").await;
}

#[tokio::test]
async fn workers_that_are_stopped_and_replaced_one_after_the_other_cost_no_request() {
    let mut fleet = Fleet::start().await;
    let (rolled, mut reports) = (Cell::new(false), Vec::new());
    let Fleet { system, workers, .. } = &mut fleet;
    let rolling = async {
        for (role, worker) in workers {
            assert!(worker.stop().await.success(), "a {role} did not finish what it held");
            *worker = system.worker(role);
            worker.says(begins(role)).await;
        }
        rolled.set(true);
    };
    let loading = async {
        while !rolled.get() {
            let some = load::run(system.address(), CONNECTIONS, Stop::Requests(500));
            reports.push(some.await);
        }
    };
    tokio::join!(rolling, loading);
    assert!(reports.len() > 1);
    fleet.all_is_well(&reports).await;
}

#[tokio::test]
async fn a_gateway_that_is_stopped_answers_those_who_wait() {
    let system = System::new().await;
    let _workers = system.all_but(["letter"]);
    let mut gateway = system.gateway_with(&PATIENT, None).await;
    let mut waiting: Vec<_> = (0..10).map(|_| asking(&system)).collect();
    system.gateway_shows("silent").await;
    gateway.signal("TERM");
    gateway.says("draining connections").await;
    let told = Instant::now();
    eventually("the drain of 1 s to be over", async || told.elapsed().as_secs() > 1).await;
    let _letter = system.worker("letter");
    assert!(gateway.ended().await.success());
    let _next = system.gateway().await;
    waiting.push(asking(&system));
    just_these_stand(&system, waiting).await;
}

#[tokio::test]
async fn a_decider_that_is_stopped_finishes_what_it_holds() {
    let system = System::new().await;
    let mut decider = system.worker("decider");
    let _others = system.all_but(["letter", "decider"]);
    let mut caller = Caller::connect(&system).await;
    caller.request(&[Uuid::new_v4()]).await;
    requests_are(&system, 0, 1);
    decider.signal("TERM");
    decider.says("stopping").await;
    let _letter = system.worker("letter");
    system.stands(&caller.mission().await).await; // there is no other decider
    assert!(decider.ended().await.success());
    system.all_settled().await;
}
