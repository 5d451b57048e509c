//! `cargo xtask fuzz`: looks for bytes that a decoder does not stand.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
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
    /// Keep what took a new way in fuzz/found, which the tests try again: the fewest that take every
    /// way that is known
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
        let corpus = root().join("fuzz/corpus").join(&decoder);
        unpack(&decoder, &found)?;
        let runs = format!("-runs={}", options.inputs);
        let longest = format!("-max_len={LONGEST}");
        let stands = fuzz(&cargo_fuzz, &decoder, &[&found, &corpus], &[&runs, &longest]).await?;
        if !stands {
            return Ok(ExitCode::FAILURE);
        }
        if options.keep {
            let kept = root().join("target/fuzz/kept").join(&decoder);
            copy(&corpus, &kept)?;
            // Without counters: how often a way was taken makes no new one.
            let fewest = ["-merge=1", "-use_counters=0", &longest];
            fuzz(&cargo_fuzz, &decoder, &[&kept, &found], &fewest).await?;
            pack(&decoder, &kept, &corpus)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What earlier runs have found: a line of base64 for each, so that it is one file.
fn list(decoder: &str) -> PathBuf {
    root().join("fuzz/found").join(decoder).with_extension("txt")
}

/// Writes it into a folder, as libFuzzer reads it.
fn unpack(decoder: &str, folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder)?;
    let list = fs::read_to_string(list(decoder)).unwrap_or_default(); // none at first
    for (number, line) in list.lines().enumerate() {
        fs::write(folder.join(format!("found-{number}")), STANDARD.decode(line)?)?;
    }
    Ok(())
}

/// Lists what a folder has and the corpus, which people have written, has not.
fn pack(decoder: &str, folder: &Path, corpus: &Path) -> Result<(), Failure> {
    let mut lines = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !corpus.join(entry.file_name()).is_file() {
            lines.push(STANDARD.encode(fs::read(entry.path())?) + "\n");
        }
    }
    lines.sort();
    fs::create_dir_all(root().join("fuzz/found"))?;
    Ok(fs::write(list(decoder), lines.concat())?)
}

/// A new folder with the files of another one.
fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    let _ = fs::remove_dir_all(to); // of the run before
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Those that are named, or all.
fn decoders(named: &[String]) -> Result<Vec<String>, Failure> {
    let folders = fs::read_dir(root().join("fuzz/corpus"))?;
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
