//! `cargo xtask package`: what people install, in `target/package`.

mod provenance;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use sha2::{Digest, Sha256};
use testkit::process::find;
use tokio::process::Command;
use xtask::needs::packages;
use xtask::tools::{CYCLONEDX, DEB};
use xtask::workspace::{Stage, cargo, git, root, within};
use xtask::{Failure, Outcome};

/// What the static binary is built for.
const TARGET: &str = "x86_64-unknown-linux-gnu";
/// As the image is built: a static glibc reads files and uses DNS.
const STATIC: &str = "-C target-feature=+crt-static";
/// The checksums, which are what is signed.
const SUMS: &str = "SHA256SUMS";
/// The shells whose completions are packed.
const SHELLS: [&str; 3] = ["bash", "zsh", "fish"];

/// Builds what people install, in target/package: a package for Debian, a static binary with its
/// manual pages, a bill of materials, the provenance, and the checksums of all
#[derive(Args)]
pub(crate) struct Options {
    /// Install cargo-deb and cargo-cyclonedx first, below target/tools (they are compiled for minutes)
    #[arg(long)]
    install: bool,
    /// Pack this static binary, and build none
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// The number of the package for one version of the program
    #[arg(long, default_value_t = 1, value_name = "N")]
    revision: u32,
    /// Sign the checksums with this key, by minisign
    #[arg(long, value_name = "FILE")]
    sign: Option<PathBuf>,
}

/// Leaves `SHA256SUMS` only when everything else is complete.
pub(crate) async fn run(options: Options) -> Outcome {
    let (Some(deb), Some(cyclonedx)) =
        (DEB.program(options.install).await?, CYCLONEDX.program(options.install).await?)
    else {
        return Ok(ExitCode::from(2));
    };
    let folder = root().join("target/package");
    let _ = fs::remove_dir_all(&folder); // of the run before
    fs::create_dir_all(&folder)?;
    let program = folder.join("spymission");
    match &options.binary {
        Some(binary) => fs::copy(binary, &program)?,
        None => fs::copy(build().await?, &program)?,
    };
    describe(&program, &folder).await?;
    let version = env!("CARGO_PKG_VERSION");
    let packed = [
        pack_for_debian(&deb, &folder, version, options.revision).await?,
        pack(&folder, version).await?,
        materials(&cyclonedx, &folder).await?,
    ];
    let provenance = folder.join("provenance.json");
    let commit = commit_of(&program).await?;
    fs::write(&provenance, provenance::statement(&sums(&packed)?, commit.as_deref()))?;
    let all = [&packed[..], &[provenance]].concat();
    write_sums(&folder, &all)?;
    if let Some(key) = &options.sign {
        sign(&folder, key).await?;
    }
    for file in all {
        println!("{}", file.strip_prefix(root()).unwrap_or(&file).display());
    }
    Ok(ExitCode::SUCCESS)
}

/// The static binary.
async fn build() -> Result<PathBuf, Failure> {
    let mut command = cargo();
    command.args(["build", "--release", "--locked", "--package", "spymission"]);
    command.args(["--target", TARGET]).env("RUSTFLAGS", STATIC);
    let commit = git(&["rev-parse", "HEAD"]).await?;
    if !commit.is_empty() && git(&["status", "--porcelain"]).await?.is_empty() {
        command.env("SPYMISSION_COMMIT", commit);
    }
    done(command, "the build failed").await?;
    Ok(root().join("target").join(TARGET).join("release/spymission"))
}

/// Has the program write its manual pages and completions.
async fn describe(program: &Path, folder: &Path) -> Result<(), Failure> {
    let mut pages = Command::new(program);
    pages.arg("man-pages").arg(folder.join("man"));
    done(pages, "no manual pages").await?;
    let completions = folder.join("completions");
    fs::create_dir_all(&completions)?;
    for shell in SHELLS {
        let mut print = Command::new(program);
        print.args(["completions", shell]);
        print.stdout(fs::File::create(completions.join(format!("spymission.{shell}")))?);
        done(print, "no completions").await?;
    }
    Ok(())
}

/// As `[package.metadata.deb]` says.
async fn pack_for_debian(
    cargo_deb: &Path,
    folder: &Path,
    version: &str,
    revision: u32,
) -> Result<PathBuf, Failure> {
    let file = folder.join(format!("spymission_{version}-{revision}_amd64.deb"));
    let mut command = within(Command::new(cargo_deb));
    command.args(["--no-build", "--no-strip", "--package", "spymission"]);
    command.args(["--deb-revision", &revision.to_string(), "--output"]).arg(&file);
    done(command, "no package for Debian").await?;
    Ok(file)
}

/// The program, its pages and completions, for every other Linux. The same files give the same bytes.
async fn pack(folder: &Path, version: &str) -> Result<PathBuf, Failure> {
    let file = folder.join(format!("spymission-{version}-x86_64-linux.tar.gz"));
    for license in ["LICENSE-MIT", "LICENSE-APACHE"] {
        fs::copy(root().join(license), folder.join(license))?;
    }
    let mut command = Command::new("tar");
    command.args(["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"]);
    command.arg("--create").arg("--directory").arg(folder);
    command.args(["--use-compress-program=gzip --no-name", "--file"]).arg(&file);
    command.args(["spymission", "man", "completions", "LICENSE-MIT", "LICENSE-APACHE"]);
    done(command, "no archive").await?;
    Ok(file)
}

/// The bill of materials. cargo-cyclonedx writes one beside each `Cargo.toml`; that of the program is
/// kept.
async fn materials(cyclonedx: &Path, folder: &Path) -> Result<PathBuf, Failure> {
    let (name, file) = ("target-package-sbom", folder.join("spymission.cdx.json"));
    let mut command = within(Command::new(cyclonedx));
    command.args(["cyclonedx", "--quiet", "--format", "json", "--target", TARGET]);
    command.args(["--override-filename", name]);
    let written = done(command, "no bill of materials").await;
    let name = format!("{name}.json");
    if written.is_ok() {
        fs::rename(root().join(&name), &file)?;
    }
    for package in packages().await? {
        let _ = fs::remove_file(package.folder.join(&name)); // most have none
    }
    written.map(|()| file)
}

/// The commit that the program says it is of: `spymission 0.2.0 (COMMIT)`. One that was built with changes
/// that are not committed says none.
async fn commit_of(program: &Path) -> Result<Option<String>, Failure> {
    let said = Command::new(program).arg("--version").output().await?;
    let said = String::from_utf8_lossy(&said.stdout);
    Ok(said.split_once('(').and_then(|(_, rest)| Some(rest.split_once(')')?.0.to_owned())))
}

/// The names of these files and the hashes of their bytes.
fn sums(files: &[PathBuf]) -> Result<Vec<(String, String)>, Failure> {
    let sum = |file: &PathBuf| {
        let hash = Sha256::digest(fs::read(file)?);
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok((name, hash))
    };
    files.iter().map(sum).collect()
}

/// In the form of `sha256sum --check`.
fn write_sums(folder: &Path, files: &[PathBuf]) -> Result<(), Failure> {
    let mut list = fs::File::create(folder.join(SUMS))?;
    for (name, hash) in sums(files)? {
        writeln!(list, "{hash}  {name}")?;
    }
    Ok(())
}

/// Beside the checksums: `SHA256SUMS.minisig`.
async fn sign(folder: &Path, key: &Path) -> Result<(), Failure> {
    let minisign = find("minisign").ok_or("minisign is missing: apt-get install minisign")?;
    let mut command = Command::new(minisign);
    command.arg("-S").arg("-s").arg(key).arg("-m").arg(folder.join(SUMS));
    done(command, "minisign did not sign").await
}

async fn done(command: Command, otherwise: &str) -> Result<(), Failure> {
    if Stage::start(command)?.wait().await? { Ok(()) } else { Err(otherwise.into()) }
}
