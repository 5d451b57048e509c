//! Docker's command line, and the daemon behind it.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use testkit::process::{Process, find, mortal, poll};
use tokio::process::Command;

use xtask::Failure;
use xtask::workspace::root;

/// The time limit of a command.
const DEADLINE: Duration = Duration::from_secs(3_600);
/// How long what runs in a container may take until it answers.
const PATIENCE: Duration = Duration::from_secs(180);

/// The folder of logs, secrets of test deployments and backups.
pub(crate) fn workplace() -> PathBuf {
    root().join("target/deploy")
}

/// `docker ARGUMENTS`, at the root of the workspace.
pub(crate) fn docker<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new("docker");
    // The classic builder: the other one is a plugin in a package of its own.
    command.args(arguments).current_dir(root()).env("DOCKER_BUILDKIT", "0");
    command
}

/// One field of a container or an image.
///
/// # Errors
/// There is none of this name.
pub(crate) async fn inspect(name: &str, field: &str) -> Result<String, Failure> {
    Ok(output(docker(["inspect", "--format", field, name])).await?.trim().to_owned())
}

/// Runs a command to its end. Returns its standard output.
///
/// # Errors
/// It failed (with the end of its output), or took longer than an hour.
pub(crate) async fn output(mut command: Command) -> Result<String, Failure> {
    command.stdin(Stdio::null()).kill_on_drop(true);
    let shown = format!("{:?}", command.as_std());
    let ended = tokio::time::timeout(DEADLINE, command.output()).await;
    let ended = ended.map_err(|_| format!("{shown}: no end within {} s", DEADLINE.as_secs()))??;
    let said = String::from_utf8_lossy(&ended.stdout).into_owned();
    if ended.status.success() {
        return Ok(said);
    }
    let all = said + &String::from_utf8_lossy(&ended.stderr);
    let from = all.len().saturating_sub(4_000);
    let tail = all.char_indices().find(|(at, _)| *at >= from).map_or(0, |(at, _)| at);
    Err(format!("{shown}: {}\n{}", ended.status, all.get(tail..).unwrap_or_default()).into())
}

/// Repeats this command in a container until it succeeds: the container was started a moment ago. Returns
/// what it says.
///
/// # Errors
/// It does not succeed within [`PATIENCE`]; says what it failed with.
pub(crate) async fn await_answer(container: &str, command: &str) -> Result<String, Failure> {
    let began = Instant::now();
    loop {
        match output(docker(["exec", container, "sh", "-ec", command])).await {
            Ok(said) => return Ok(said.trim().to_owned()),
            Err(why) if began.elapsed() > PATIENCE => return Err(why),
            Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
        }
    }
}

/// Removes a container and its volumes. There may be none: it is called before a run and after it.
pub(crate) fn remove(container: &str) {
    let remove = ["rm", "--force", "--volumes", container];
    let _ = std::process::Command::new("docker").args(remove).output(); // a run goes on without it
}

/// Where Docker finds Compose, if it is not installed with it.
pub(crate) fn plugins() -> PathBuf {
    workplace().join("docker")
}

/// Compose 2 as Debian's unstable packages it: unpacked, not installed.
const COMPOSE: &str = r#"set -e
    mkdir -p "$1/cli-plugins" "$1/apt/lists/partial" "$1/apt/cache/archives/partial"
    mirror=$(apt-get indextargets --format '$(REPO_URI)' | awk '!/security/ && !found++')
    [ -n "$mirror" ] || { echo "apt knows no packages: apt-get update" >&2; exit 1; }
    echo "deb $mirror sid main" >"$1/apt/sid.list"
    set -- "$1" -o Dir::Etc::sourcelist="$1/apt/sid.list" -o Dir::Etc::sourceparts=- \
        -o Dir::State::lists="$1/apt/lists" -o Dir::Cache="$1/apt/cache" -o APT::Sandbox::User=root
    dir=$1; shift
    apt-get -qq "$@" -o Acquire::Check-Valid-Until=false update
    cd "$dir/apt" && rm -f *.deb && apt-get -qq "$@" download docker-compose
    dpkg-deb -x docker-compose_*.deb unpacked
    cp "$(find unpacked -name docker-compose -type f -perm -100)" "$dir/cli-plugins/"
    rm -rf "$dir/apt""#;

async fn ensure_compose() -> Result<(), Failure> {
    let has = || async {
        let mut version = docker(["compose", "version"]);
        version.env("DOCKER_CONFIG", plugins());
        output(version).await.is_ok()
    };
    if output(docker(["compose", "version"])).await.is_ok() {
        // As it is installed; a folder of plugins of our own does not hide it.
        std::fs::create_dir_all(plugins())?;
    }
    if has().await {
        return Ok(());
    }
    let mut fetch = Command::new("sh");
    fetch.args(["-c", COMPOSE, "compose"]).arg(plugins());
    output(fetch).await?;
    if has().await { Ok(()) } else { Err("docker compose does not work".into()) }
}

/// Whether a daemon answers.
pub(crate) async fn answers() -> bool {
    output(docker(["version"])).await.is_ok()
}

/// Starts a daemon and installs Compose, if they are missing and `install` allows it. A daemon that
/// was started is stopped when the returned value is dropped.
///
/// # Errors
/// What is missing, and what to do.
pub(crate) async fn ensure(install: bool) -> Result<Option<Process>, Failure> {
    std::fs::create_dir_all(workplace())?;
    ensure_compose().await?;
    if answers().await {
        return Ok(None);
    }
    let daemon = find("dockerd").filter(|_| install).ok_or(
        "deploy-test needs Docker, which does not answer: start it, or let `--install` do so \
         (its daemon is in the package docker.io of Debian and Ubuntu)",
    )?;
    let daemon = Process::start(mortal(daemon), &workplace().join("dockerd.log"))?;
    let socket = Path::new("/var/run/docker.sock");
    poll(Duration::from_secs(30), || socket.exists().then_some(()));
    for _ in 0..60 {
        if answers().await {
            return Ok(Some(daemon));
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Err("dockerd does not answer: see target/deploy/dockerd.log".into())
}
