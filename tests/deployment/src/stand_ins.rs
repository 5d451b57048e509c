//! Substitutes for public images where no registry can be reached.

use std::path::Path;
use std::process::Command;

use tokio::process::Command as Running;

use crate::docker::{output, workplace};
use crate::image::{Image, debian, exists};
use xtask::Failure;
use xtask::tools::CYCLONEDX;
use xtask::workspace::{cargo, root};

/// RabbitMQ 4, as of `rabbitmq`.
///
/// # Errors
/// It could not be built.
pub(crate) async fn rabbitmq() -> Result<String, Failure> {
    on_debian("rabbitmq", "compose/images/rabbitmq").await
}

/// MySQL 9, as of `mysql`.
///
/// # Errors
/// It could not be built.
pub(crate) async fn mysql() -> Result<String, Failure> {
    on_debian("mysql", "compose/images/mysql").await
}

/// nginx 1.30, as of `nginx`.
///
/// # Errors
/// It could not be built.
pub(crate) async fn nginx() -> Result<String, Failure> {
    on_debian("nginx", "compose/images/nginx").await
}

/// Prometheus, as of `prom/prometheus`.
///
/// # Errors
/// It could not be built.
pub(crate) async fn prometheus() -> Result<String, Failure> {
    on_debian("prometheus", "compose/images/prometheus").await
}

async fn on_debian(name: &str, context: &str) -> Result<String, Failure> {
    let base = debian("trixie").await?;
    let arguments = [("BASE", base.as_str())];
    Image { name, context: Path::new(context), dockerfile: None, flags: &[], arguments: &arguments }
        .ensure()
        .await
}

/// The installed Rust and the crates of `Cargo.lock`, as of `rust`.
///
/// # Errors
/// It could not be gathered or built.
pub(crate) async fn rust() -> Result<String, Failure> {
    let base = debian("trixie").await?;
    let context = workplace().join("rust");
    let arguments = [("BASE", base.as_str())];
    let image = Image {
        name: "rust",
        context: &context,
        dockerfile: None,
        flags: &[],
        arguments: &arguments,
    };
    let version = Command::new("rustc").arg("--version").output()?.stdout;
    let lock = std::fs::read(root().join("Cargo.lock"))?;
    let tag = image.tag(&[root().join("compose/images/rust")], &[version, lock])?;
    if !exists(&tag).await {
        gather(&context).await?;
        image.build(&tag).await?;
        std::fs::remove_dir_all(&context)?;
    }
    Ok(tag)
}

/// Puts the installed Rust and the crates of `Cargo.lock` into a folder.
async fn gather(context: &Path) -> Result<(), Failure> {
    let mut fetch = cargo();
    fetch.args(["fetch", "--locked", "--quiet"]);
    output(fetch).await?;
    let cyclonedx = CYCLONEDX.program(true).await?.ok_or("cargo-cyclonedx is missing")?;
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output()?;
    let sysroot = String::from_utf8(sysroot.stdout)?;
    // Linked, not copied, where it is the same file system: it is half a gigabyte.
    let script = r#"set -e
        rm -rf "$1" && mkdir -p "$1/rust" "$1/cargo/bin" "$1/cargo/registry"
        cp "$2/compose/images/rust/Dockerfile" "$1"
        cp -al "$3/bin" "$3/lib" "$1/rust" 2>/dev/null || {
            rm -rf "$1/rust"
            mkdir "$1/rust"
            cp -a "$3/bin" "$3/lib" "$1/rust"
        }
        home=${CARGO_HOME:-$HOME/.cargo}
        cp -a "$home/registry/index" "$home/registry/cache" "$1/cargo/registry"
        cp "$4" "$1/cargo/bin""#;
    let mut command = Running::new("sh");
    command
        .args(["-c", script, "rust"])
        .arg(context)
        .arg(root())
        .arg(sysroot.trim())
        .arg(cyclonedx);
    output(command).await.map(drop)
}
