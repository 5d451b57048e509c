//! `cargo xtask fuzz`: looks for bytes that a decoder does not stand.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use tokio::process::Command;
use xtask::tools::FUZZ;
use xtask::workspace::{Stage, root, within};
use xtask::{Failure, Outcome};

/// The longest bytes that are tried. Most decoders refuse more than a few KB.
const LONGEST: usize = 4_096;

/// Looks for bytes that a decoder does not stand, with cargo-fuzz and libFuzzer
#[derive(Args)]
pub(crate) struct Options {
    /// Install cargo-fuzz first, below target/tools (it is compiled for a minute)
    #[arg(long)]
    install: bool,
    /// How many bytes are tried with each decoder
    #[arg(long, default_value_t = 1_000_000, value_name = "N")]
    inputs: u64,
    /// Keep what took a new way in fuzz/corpus, where the tests try it again: the fewest that take
    /// every way that is known
    #[arg(long)]
    keep: bool,
    /// Only these decoders: the folders of fuzz/corpus
    decoders: Vec<String>,
}

/// Fails with the first decoder that does not stand something: libFuzzer prints the bytes.
pub(crate) async fn run(options: Options) -> Outcome {
    let Some(cargo_fuzz) = FUZZ.program(options.install).await? else {
        return Ok(ExitCode::from(2));
    };
    for decoder in decoders(&options.decoders)? {
        println!("── {decoder}");
        let found = root().join("target/fuzz").join(&decoder);
        std::fs::create_dir_all(&found)?;
        let corpus = root().join("fuzz/corpus").join(&decoder);
        let runs = format!("-runs={}", options.inputs);
        let longest = format!("-max_len={LONGEST}");
        let stands = fuzz(&cargo_fuzz, &decoder, &[&found, &corpus], &[&runs, &longest]).await?;
        if !stands {
            return Ok(ExitCode::FAILURE);
        }
        if options.keep {
            fuzz(&cargo_fuzz, &decoder, &[&corpus, &found], &["-merge=1", &longest]).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Those that are named, or all.
fn decoders(named: &[String]) -> Result<Vec<String>, Failure> {
    let folders = std::fs::read_dir(root().join("fuzz/corpus"))?;
    let names = folders.map(|folder| Ok(folder?.file_name().to_string_lossy().into_owned()));
    let mut names = names.collect::<Result<Vec<_>, Failure>>()?;
    names.sort();
    if let Some(unknown) = named.iter().find(|name| !names.contains(name)) {
        return Err(format!("there is no decoder `{unknown}`: {}", names.join(", ")).into());
    }
    names.retain(|name| named.is_empty() || named.contains(name));
    Ok(names)
}

/// Runs libFuzzer with these folders. Without a sanitizer: our own code has no `unsafe`, and the
/// stable compiler builds it.
async fn fuzz(
    program: &Path,
    decoder: &str,
    folders: &[&PathBuf],
    options: &[&str],
) -> Result<bool, Failure> {
    let mut command = within(Command::new(program));
    command.args(["fuzz", "run", "--fuzz-dir", "fuzz/libfuzzer", "--sanitizer", "none", "decoder"]);
    command.args(folders).arg("--").args(options).arg("-verbosity=0").arg("-print_final_stats=1");
    command.env("SPYMISSION_FUZZ", decoder);
    Ok(Stage::start(command)?.wait().await?)
}
