//! A run: starts everything, does all steps of all rounds, and says what came out.

use std::path::Path;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::failure::Failure;
use super::judge::Judge;
use super::look::{Look, alone};
use super::machine::Machine;
use super::options::Options;
use super::plan::{Step, round};
use super::progress::Progress;
use super::results::{Results, Sample, What};
use super::site::{Site, stored_in};
use super::system::{Program, cold_start};
use super::{tables, targets, watched, write};

/// Measures, prints and writes; `root` is the workspace, in which a release build was made. Returns
/// whether every reply was right and no row was lost.
///
/// # Errors
/// A server, a process or a file is not as it should be.
pub async fn run(options: &Options, root: &Path) -> Result<bool, Failure> {
    if options.render {
        return write::again(root).map(|()| true);
    }
    raise_descriptors();
    let program = match &options.program {
        Some(path) => Program(std::path::absolute(path)?), // each process has a folder of its own
        None => Program::of(root),
    };
    if options.watched {
        return watched::run(options, &program).await;
    }
    let mut run = Run::start(options, program, root)?;
    for number in 0..options.rounds() {
        for step in round(options, number) {
            run.progress.begin(number, step);
            let outcome = run.step(options, step).await?;
            run.progress.done(&outcome);
        }
    }
    let Run { site, results, mut judge, .. } = run;
    println!("\n{}", tables::all(&results));
    println!("{}", targets::table(&results));
    judge.count(site.cluster.database(), site.cluster.rows()?, 0);
    if let Some((full, filled)) = &site.full {
        judge.count(full.database(), full.rows()?, filled.rows);
    }
    if options.write {
        write::all(root, &results)?;
    }
    Ok(judge.finds_all_right())
}

/// Each connection needs a descriptor.
fn raise_descriptors() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
}

struct Run {
    site: Site,
    judge: Judge,
    progress: Progress,
    results: Results,
}

impl Run {
    fn start(options: &Options, program: Program, root: &Path) -> Result<Self, Failure> {
        let progress = Progress::new(options);
        progress.say("starting RabbitMQ, MariaDB, five processes, and one process");
        let rows = options.rows.unwrap_or_default();
        let site = Site::start(program, options.rows, |done| {
            if done.is_multiple_of(1_000_000) || done == rows {
                progress.say(&format!("{done} of {rows} rows are in the full table"));
            }
        })?;
        let results = Results {
            machine: Machine::look(root, site.cluster.servers()),
            seconds: options.time().as_secs(),
            rounds: options.rounds(),
            rows: options.rows,
            levels: Vec::new(),
            floors: Vec::new(),
            starts: Vec::new(),
        };
        Ok(Self { site, judge: Judge::default(), progress, results })
    }

    /// Does one step, and says what came out.
    async fn step(&mut self, options: &Options, step: Step) -> Result<String, Failure> {
        match step {
            Step::Start => {
                let millis = cold_start(&self.site.program).await?.as_secs_f64() * 1_000.0;
                self.results.starts.push(millis);
                Ok(format!("{millis:.0} ms"))
            }
            Step::Floor => {
                let floor = self.site.floor().await?;
                let said = format!("{:.2} ms", floor.sum());
                self.results.floors.push(floor);
                Ok(said)
            }
            Step::Load(What::Single, callers) => {
                self.site.cluster.start_gateway(&["--batch", "1"])?;
                let said = self.load(options, (What::Single, callers)).await;
                self.site.cluster.start_gateway(&[])?;
                said
            }
            Step::Load(what, callers) => self.load(options, (what, callers)).await,
        }
    }

    /// Puts a load on what it is for.
    async fn load(&mut self, options: &Options, load: (What, usize)) -> Result<String, Failure> {
        let times = (options.warm_up(), options.time());
        let system = self.site.system(load.0)?;
        let before = system.map(Look::at);
        let report = self.site.load(load, times).await?;
        let sample = match system.zip(before) {
            Some((system, before)) => before.sample(system, &report),
            None => alone(&report),
        };
        let Sample { rate, p50, p99, errors, .. } = &sample;
        let errors = if *errors > 0 { format!(", {errors} FAILED") } else { String::new() };
        let said = format!("{rate:.0}/s, p50 {p50:.2} ms, p99 {p99:.2} ms{errors}");
        self.judge.look(load, report, stored_in(load.0));
        self.results.add(load.0, load.1, sample);
        Ok(said)
    }
}
