//! One run: start, load and faults, heal, rest, judge, report.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use testkit::process::poll;
use tokio::runtime::Runtime;

use crate::callers::{CANARY, Callers, Places};
use crate::evidence::{self, Evidence};
use crate::failure::Failure;
use crate::faults::{self, Draw, Fault, Kind, Programs};
use crate::history::History;
use crate::options::Options;
use crate::report::Report;
use crate::scripts::Script;
use crate::system::{Size, System, manage};
use crate::{judge, measures, probe};

/// How long both ways may take until they serve again.
const RECOVERY: Duration = Duration::from_secs(60);
/// Quiet load before the first fault, and between two.
const CALM: Duration = Duration::from_millis(500);
/// A copy of the table is kept after so many faults.
const SNAPSHOT: usize = 10;

/// Runs `program` under faults. Whether every invariant holds; the report says which does not.
///
/// # Errors
/// A server or a process does not come up, or the report cannot be written.
pub fn run(options: &Options, program: &Path, root: &Path) -> Result<bool, Failure> {
    let seed = options.seed.unwrap_or_else(rand::random);
    println!("repeat with: {}", options.again(seed));
    let (runtime, script) = (Runtime::new()?, Script::of(options));
    let size = script
        .as_ref()
        .map_or(Size { nodes: 1, workers: 1, replication: None }, |script| script.size);
    let mut system = System::start(program, runtime.handle(), size)?;
    canary(&system)?;
    let skipped = match script {
        Some(_) => Vec::new(),
        None => faults::skipped(&system, options.previous.is_some()),
    };
    for (kind, why) in &skipped {
        println!("skipped: {kind}: {why}");
    }
    let history = Arc::new(History::new());
    let programs = Programs { now: program, previous: options.previous.as_deref() };
    let mut evidence = Evidence::default();
    let callers = {
        let _inside = runtime.enter();
        match &script {
            Some(script) => Callers::of_ways(script.callers, &places(&system), &history),
            None => Callers::start(options.callers, &places(&system), &history),
        }
    };
    match &script {
        Some(script) => play(script, programs, &mut system, &history, &mut evidence),
        None => storm(options, seed, programs, &mut system, &history, &mut evidence)?,
    }
    runtime.block_on(callers.stop());
    gather(&system, &runtime, &history, &mut evidence)?;
    let report = Report {
        seed,
        again: options.again(seed),
        callers: script.as_ref().map_or(options.callers, |Script { callers: (h, a), .. }| h + a),
        requests: evidence.told.len(),
        missions: evidence.rows.len(),
        skipped,
        costs: measures::costs(&evidence),
        verdicts: judge::judge(&evidence, script.is_some_and(|script| script.none_fails)),
    };
    let out: PathBuf = root.join(&options.out);
    report.write(&out, &evidence.told)?;
    println!("{}", report.markdown());
    if options.write {
        let page = root.join(crate::catalogue::PAGE);
        let before = std::fs::read_to_string(&page).unwrap_or_default();
        std::fs::write(page, crate::catalogue::page(&report.results(), &before))?;
    }
    Ok(report.holds())
}

fn places(system: &System) -> Places {
    let gateways = system.gateways().map(crate::system::Part::url).collect();
    let amqp = system.rabbits.nodes().map(|node| node.amqp_url(system.vhost.name())).collect();
    Places { gateways, amqp }
}

/// A queue in our namespace, for the answers that must not come.
fn canary(system: &System) -> Result<(), Failure> {
    let path = format!("/api/queues/{}/{CANARY}", system.vhost.name());
    manage(system.rabbits.first(), "PUT", &path, r#"{"durable":true}"#)
}

fn wait(time: Duration) {
    let _ = poll(time, || None::<()>);
}

/// Faults, one after the other, until the time is over.
fn storm(
    options: &Options,
    seed: u64,
    programs: Programs<'_>,
    system: &mut System,
    history: &History,
    evidence: &mut Evidence,
) -> Result<(), Failure> {
    let mut kinds = Kind::all(options.previous.is_some());
    kinds.retain(|kind| !options.quick || kind.is_quick());
    kinds.retain(|kind| match kind {
        Kind::ClockStepped(_) => system.clock.is_some(),
        Kind::DatabaseDiskFull => system.database.has_own_disk(),
        _ => true,
    });
    let mut draw = Draw::new(seed, kinds);
    served(history);
    let until = Instant::now() + Duration::from_secs(options.seconds);
    while Instant::now() < until {
        let Some(drawn) = draw.next(options.quick) else { break };
        wait(CALM);
        let fault = one(system, programs, history, drawn)?;
        said(&fault);
        evidence.faults.push(fault);
        if evidence.faults.len().is_multiple_of(SNAPSHOT) && evidence.earlier.is_empty() {
            evidence.earlier = evidence::rows(&system.database)?;
        }
    }
    Ok(())
}

/// The steps of a script, one after the other.
fn play(
    script: &Script,
    programs: Programs<'_>,
    system: &mut System,
    history: &History,
    evidence: &mut Evidence,
) {
    served(history);
    for step in &script.steps {
        wait(CALM);
        let began = history.now();
        let trouble = step.make(system, programs).err().map(|error| error.to_string());
        let ended = history.now();
        let served = served(history);
        let (name, longest, destroys) = (step.name.clone(), step.longest, false);
        let fault = Fault { name, began, ended, served, destroys, longest, trouble };
        said(&fault);
        evidence.faults.push(fault);
    }
}

fn said(fault: &Fault) {
    let back = match fault.served {
        Some(served) => format!("back after {} ms", served.saturating_sub(fault.ended)),
        None => "not back yet".to_owned(),
    };
    println!("{:>7} ms  {}  {back}", fault.began, fault.name);
}

/// One fault, taken back in any case.
fn one(
    system: &mut System,
    programs: Programs<'_>,
    history: &History,
    (kind, lasts, which): (Kind, Duration, usize),
) -> Result<Fault, Failure> {
    let began = history.now();
    let made = faults::begin(system, programs, (kind, lasts, which));
    wait(lasts);
    let (begun, mut trouble) = match made {
        Ok(begun) => (begun, None),
        Err(error) => (faults::Begun::default(), Some(error.to_string())),
    };
    let destroys = begun.destroys;
    if let Err(error) = faults::end(system, programs, (kind, which), begun) {
        trouble = Some(error.to_string());
    }
    let ended = history.now();
    let served = served(history);
    Ok(Fault { name: kind.name(), began, ended, served, destroys, longest: None, trouble })
}

/// Waits until both ways have served a request that began after now; when that was.
fn served(history: &History) -> Option<u64> {
    let now = history.now();
    poll(RECOVERY, || history.served_since(now).then(|| history.now()))
}

/// Waits for rest, then takes down what stands.
fn gather(
    system: &System,
    runtime: &Runtime,
    history: &Arc<History>,
    evidence: &mut Evidence,
) -> Result<(), Failure> {
    evidence.probes = probe::probes(system, history, runtime.handle());
    probe::await_rest(system);
    let rows = evidence::rows(&system.database)?.len();
    evidence.told = history.all();
    evidence.replays = probe::replays(system, &evidence.told, runtime.handle())?;
    probe::await_rest(system);
    evidence.rows = evidence::rows(&system.database)?;
    evidence.replayed_rows = evidence.rows.len().abs_diff(rows) as u64;
    evidence.letters = evidence::letters(&system.database)?;
    let mut queues = evidence::queues(system)?;
    let canary = queues.iter().position(|queue| queue.name == CANARY);
    evidence.canary = canary.map(|at| queues.swap_remove(at).messages).unwrap_or_default();
    evidence.queues = queues;
    evidence.parts = evidence::parts(system);
    evidence.leaks = evidence::leaks(system);
    Ok(())
}
