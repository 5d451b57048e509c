//! `cargo xtask rabbitmq4`: the tests that talk to RabbitMQ, on RabbitMQ 4, or faults on a cluster of it.
//!
//! Debian 13 has RabbitMQ 4.0, and Debian 12 and Ubuntu have an older one. A tree of Debian 13 is
//! made once under `target/rabbitmq4`, and its server runs in it, without a container.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use rustix::process::geteuid;
use testkit::process::find;
use testkit::servers::{Error, RABBITMQ};
use tokio::process::Command;

use xtask::workspace::{Stage, cargo, root};
use xtask::{Outcome, install};

const RELEASE: &str = "trixie";
const PROGRAM: &str = include_str!("program.sh");
/// The packages whose tests talk to RabbitMQ.
const TESTS: [&str; 4] = ["-p", "bus", "-p", "spymission"];

/// Runs the tests that talk to RabbitMQ, or `chaos --cluster`, on RabbitMQ 4 (needs root, and
/// debootstrap the first time)
#[derive(Args)]
pub(crate) struct Options {
    /// Install debootstrap, and whatever else the tests need (Debian and Ubuntu)
    #[arg(long)]
    install: bool,
    /// The Debian mirror for the tree, if not debootstrap's own
    #[arg(long, value_name = "URL")]
    mirror: Option<String>,
    /// Run `cargo xtask chaos --cluster` on it instead of the tests: three nodes
    #[arg(long, conflicts_with = "filter")]
    cluster: bool,
    /// Passed to `cargo test` instead of `-p bus -p spymission`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    filter: Vec<String>,
}

pub(crate) async fn run(options: Options) -> Outcome {
    if !geteuid().is_root() {
        return Err("it changes into a tree of its own, and may do so as root only".into());
    }
    let home = root().join("target/rabbitmq4");
    tree(&home, &options).await?;
    let server = programs(&home)?;
    println!("── RabbitMQ {}", version(&home)?);
    let mut command = cargo();
    command.args(["run", "--quiet", "--locked", "--package", "xtask", "--"]);
    let what = if options.cluster { ["chaos", "--cluster"] } else { ["test", "--no-lint"] };
    command.args(what).args(options.install.then_some("--install"));
    if !options.cluster {
        command.arg("--");
        if options.filter.is_empty() {
            command.args(TESTS);
        } else {
            command.args(&options.filter);
        }
    }
    let passed = Stage::start({
        command.env(RABBITMQ, server);
        command
    })?;
    Ok(if passed.wait().await? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Makes the tree unless it exists; an unfinished one is made again.
async fn tree(home: &Path, options: &Options) -> Result<(), xtask::Failure> {
    let (tree, half) = (home.join("root"), home.join("root.new"));
    if tree.is_dir() {
        return Ok(());
    }
    if find("debootstrap").is_none() {
        if !options.install {
            return Err("debootstrap is missing: apt-get install debootstrap, or --install".into());
        }
        install::packages(&["debootstrap"]).await?;
    }
    let _ = fs::remove_dir_all(&half); // unless it was never begun
    fs::create_dir_all(home)?;
    println!("── a tree of Debian {RELEASE} with RabbitMQ, under {}", home.display());
    let mut command = Command::new("debootstrap");
    command.args(["--variant=minbase", "--include=rabbitmq-server", RELEASE]);
    command.arg(&half).args(&options.mirror);
    if !Stage::start(command)?.wait().await? {
        let log = half.join("debootstrap/debootstrap.log");
        let said = format!("debootstrap failed; it says more in {}", log.display());
        return Err(Error::Refused(said).into());
    }
    fs::write(half.join("etc/hosts"), "127.0.0.1 localhost\n")?;
    Ok(fs::rename(half, tree)?)
}

/// Writes the programs that run those of the tree. Returns the path of the server.
fn programs(home: &Path) -> Result<PathBuf, xtask::Failure> {
    let folder = home.join("bin");
    fs::create_dir_all(&folder)?;
    for name in ["rabbitmqctl", "rabbitmq-server"] {
        let file = folder.join(name);
        fs::write(&file, PROGRAM)?;
        fs::set_permissions(&file, Permissions::from_mode(0o755))?;
    }
    Ok(folder.join("rabbitmq-server"))
}

/// The version of the server in the tree, which must be 4.
fn version(home: &Path) -> Result<String, xtask::Failure> {
    let servers = fs::read_dir(home.join("root/usr/lib/rabbitmq/lib"))?;
    let names = servers.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut versions = names.filter_map(|name| Some(name.strip_prefix("rabbitmq_server-")?.into()));
    let version: Option<String> = versions.next();
    version
        .filter(|version| version.starts_with("4."))
        .ok_or_else(|| format!("no RabbitMQ 4 in {}: remove it", home.display()).into())
}
