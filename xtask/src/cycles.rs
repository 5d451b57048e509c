//! `cargo xtask cycles`: no two modules of a crate use each other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::process::{ExitCode, Stdio};

use clap::Args;
use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::process::Command;
use xtask::needs::{chosen, packages};
use xtask::tools::MODULES;
use xtask::workspace::within;
use xtask::{Failure, Outcome};

/// Which modules each module uses.
type Uses<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// Looks for modules that use each other, in each crate's library and binaries, with cargo-modules
#[derive(Args)]
pub(crate) struct Options {
    /// Install cargo-modules first, below target/tools (it is compiled for some minutes)
    #[arg(long)]
    install: bool,
    /// Only these: `-p CRATE`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    filter: Vec<String>,
}

pub(crate) async fn run(options: Options) -> Outcome {
    Ok(match check(options.install, &options.filter).await? {
        Some(true) => ExitCode::SUCCESS,
        Some(false) => ExitCode::FAILURE,
        None => ExitCode::from(2),
    })
}

/// Returns whether there are no circles; `None` when cargo-modules is not installed.
///
/// # Errors
/// cargo-modules could not be installed, or cannot read a crate.
pub(crate) async fn check(install: bool, filter: &[String]) -> Result<Option<bool>, Failure> {
    let Some(program) = MODULES.program(install).await? else { return Ok(None) };
    let chosen = chosen(filter);
    let mut packages = packages().await?;
    packages.retain(|package| chosen.is_empty() || chosen.contains(&package.name));
    let targets = packages.iter().flat_map(|package| {
        let library = package.library.then(|| vec!["--lib"]);
        let binaries = package.binaries.iter().map(|name| vec!["--bin", name]);
        library.into_iter().chain(binaries).map(|target| (package.name.as_str(), target))
    });
    let mut graphs = stream::iter(targets)
        .map(|(package, target)| graph(&program, package, target))
        .buffered(AT_ONCE);
    let mut found = 0;
    while let Some((crate_target, dot)) = graphs.try_next().await? {
        for circle in circles(&uses(&dot)) {
            println!("{crate_target}: {}", circle.join(" → "));
            found += 1;
        }
    }
    println!("{found} circle(s) of modules that use each other");
    Ok(Some(found == 0))
}

/// cargo-modules uses one core, and up to 600 MB of memory.
const AT_ONCE: usize = 2;

/// The crate and target, and which of its modules use which, in the DOT language.
async fn graph(
    program: &Path,
    package: &str,
    target: Vec<&str>,
) -> Result<(String, String), Failure> {
    let mut command = within(Command::new(program));
    command.args(["modules", "dependencies", "--package", package]).args(&target);
    command.args(["--no-externs", "--no-sysroot", "--no-owns", "--no-fns", "--no-traits"]);
    command.arg("--no-types").stdin(Stdio::null()).stderr(Stdio::inherit());
    let said = command.output().await?;
    if !said.status.success() {
        return Err(format!("cargo-modules cannot read {package} {target:?}").into());
    }
    Ok((format!("{package} {}", target.join(" ")), String::from_utf8(said.stdout)?))
}

/// The edges of a graph in the DOT language: lines of the form `"a::b" -> "a::c" [label="uses" …`.
fn uses(dot: &str) -> Uses<'_> {
    let mut uses = Uses::new();
    for line in dot.lines() {
        let Some((from, rest)) = line.trim().split_once(" -> ") else { continue };
        let Some((to, _)) = rest.split_once(" [") else { continue };
        let (from, to) = (from.trim_matches('"'), to.trim_matches('"'));
        if from != to {
            uses.entry(from).or_default().insert(to);
        }
    }
    uses
}

/// A shortest circle through each module that is in one, each circle once.
fn circles<'a>(uses: &Uses<'a>) -> Vec<Vec<&'a str>> {
    let (mut circles, mut seen) = (Vec::new(), BTreeSet::new());
    for start in uses.keys().copied() {
        let Some(circle) = way_back(uses, start) else { continue };
        if seen.insert(circle.iter().copied().collect::<BTreeSet<_>>()) {
            circles.push(circle);
        }
    }
    circles
}

/// The shortest way from a module over what it uses back to itself.
fn way_back<'a>(uses: &Uses<'a>, start: &'a str) -> Option<Vec<&'a str>> {
    let mut ways = VecDeque::from([vec![start]]);
    let mut reached = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for next in way.last().and_then(|last| uses.get(last)).into_iter().flatten().copied() {
            if next == start {
                return Some([&way[..], &[start]].concat());
            }
            if reached.insert(next) {
                ways.push_back([&way[..], &[next]].concat());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_that_use_each_other_are_found_once() {
        let dot = r##"digraph {
            "x" [label="crate|x", fillcolor="#5397c8"]; // "crate" node
            "x::a" -> "x::b" [label="uses", color="#7f7f7f"] [constraint=false]; // "uses" edge
            "x::b" -> "x::c" [label="uses"] [constraint=false]; // "uses" edge
            "x::c" -> "x::a" [label="uses"] [constraint=false]; // "uses" edge
            "x::c" -> "x::d" [label="uses"] [constraint=false]; // "uses" edge
        }"##;
        assert_eq!(circles(&uses(dot)), [["x::a", "x::b", "x::c", "x::a"]]);
    }

    #[test]
    fn modules_in_layers_are_no_circle() {
        let dot = "\"a\" -> \"b\" [x]\n\"a\" -> \"c\" [x]\n\"b\" -> \"c\" [x]\n\"c\" -> \"c\" [x]";
        assert!(circles(&uses(dot)).is_empty());
    }
}
