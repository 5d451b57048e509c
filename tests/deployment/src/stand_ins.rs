//! The servers' images: the public ones, or substitutes where no registry can be reached.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::process::Command as Running;

use crate::docker::{docker, output, workplace};
use crate::image::{Image, debian, exists, turn};
use crate::released;
use xtask::Failure;
use xtask::tools::CYCLONEDX;
use xtask::workspace::{cargo, root};

/// How long a registry may take to give an image.
const PULL: Duration = Duration::from_secs(300);

/// RabbitMQ 4, as of `rabbitmq`.
///
/// # Errors
/// It could not be built.
pub(crate) async fn rabbitmq() -> Result<String, Failure> {
    server("rabbitmq").await
}

/// The newest version of `rabbitmq` or `prometheus` that Debian has.
///
/// # Errors
/// It could not be built.
pub(crate) async fn newest(name: &str) -> Result<String, Failure> {
    on_debian(name, &format!("compose/images/{name}"), &[("SUITE", "sid")]).await
}

/// What a program of an image says to this argument.
///
/// # Errors
/// It fails.
pub(crate) async fn said_by(
    image: &str,
    [program, argument]: [&str; 2],
) -> Result<String, Failure> {
    let ask = ["run", "--rm", "--network", "none", "--entrypoint", program, image, argument];
    output(docker(ask)).await
}

/// MySQL 9, as of `mysql`.
///
/// # Errors
/// It could not be built.
pub(crate) async fn mysql() -> Result<String, Failure> {
    server("mysql").await
}

/// nginx 1.30, as of `nginx`.
///
/// # Errors
/// It could not be built.
pub(crate) async fn nginx() -> Result<String, Failure> {
    server("nginx").await
}

/// Prometheus, as of `prom/prometheus`.
///
/// # Errors
/// It could not be built.
pub(crate) async fn prometheus() -> Result<String, Failure> {
    server("prometheus").await
}

/// A Debian to make a machine of.
///
/// # Errors
/// It could not be made.
pub(crate) async fn debian_of(suite: &str) -> Result<String, Failure> {
    let public = format!("debian:{suite}-slim");
    if gives(&public).await { Ok(public) } else { debian(suite).await }
}

/// The image of a server, found once: the one that `SPYMISSION_…_IMAGE` names, the public one of
/// `compose.yaml`, or a substitute, which is printed.
async fn server(name: &str) -> Result<String, Failure> {
    let _turn = turn(name).await;
    if let Some(found) = found().get(name) {
        return Ok(found.clone());
    }
    let variable = format!("SPYMISSION_{}_IMAGE", name.to_uppercase());
    let given = std::env::var(&variable).ok().filter(|image| !image.is_empty());
    let image = match given {
        Some(image) => image,
        None => public_or_made(name, &public(&variable)?).await?,
    };
    found().insert(name.to_owned(), image.clone());
    Ok(image)
}

fn found() -> MutexGuard<'static, BTreeMap<String, String>> {
    static FOUND: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());
    FOUND.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The default of this variable in `compose.yaml`.
fn public(variable: &str) -> Result<String, Failure> {
    let compose = std::fs::read_to_string(root().join("compose/compose.yaml"))?;
    let image =
        compose.split(&format!("${{{variable}:-")).nth(1).and_then(|rest| rest.split('}').next());
    Ok(image.ok_or_else(|| format!("compose.yaml has no default of {variable}"))?.to_owned())
}

/// Whether a registry gives this image, or has given it.
async fn gives(public: &str) -> bool {
    let pull = output(docker(["pull", "--quiet", public]));
    let pulled = tokio::time::timeout(PULL, pull).await;
    matches!(pulled, Ok(Ok(_))) || exists(public).await
}

async fn public_or_made(name: &str, public: &str) -> Result<String, Failure> {
    if gives(public).await {
        return Ok(public.to_owned());
    }
    println!("SUBSTITUTE {public}: no registry gives it, so it is made of Debian's packages");
    on_debian(name, &format!("compose/images/{name}"), &[]).await
}

async fn on_debian(name: &str, context: &str, more: &[(&str, &str)]) -> Result<String, Failure> {
    let base = debian("trixie").await?;
    let arguments = [&[("BASE", base.as_str())], more].concat();
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
    let content = [version, lock, released::known().await?.into_bytes()];
    let tag = image.tag(&[root().join("compose/images/rust")], &content)?;
    let _turn = turn(&tag).await;
    if !exists(&tag).await {
        gather(&context).await?;
        image.build(&tag).await?;
        std::fs::remove_dir_all(&context)?;
    }
    Ok(tag)
}

/// Puts the installed Rust and the crates of `Cargo.lock` into a folder, and those of the last release.
async fn gather(context: &Path) -> Result<(), Failure> {
    // A clone without history has no last release. What needs it then says so.
    for sources in [Some(root()), released::sources().await.ok()].into_iter().flatten() {
        let mut fetch = cargo();
        fetch.args(["fetch", "--locked", "--quiet", "--manifest-path"]);
        fetch.arg(sources.join("Cargo.toml"));
        output(fetch).await?;
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_images_are_those_of_compose() {
        assert_eq!(public("SPYMISSION_NGINX_IMAGE").unwrap(), "nginx:1.30");
        for name in ["RABBITMQ", "MYSQL", "PROMETHEUS"] {
            assert!(public(&format!("SPYMISSION_{name}_IMAGE")).unwrap().contains(':'), "{name}");
        }
    }
}
