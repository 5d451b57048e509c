//! Images, built when their content changes and never twice.
//!
//! Nothing is pulled: a base is made from Debian's packages, and what is public elsewhere (RabbitMQ,
//! MySQL, nginx) has a stand-in under `compose/images` that is used in the same way.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::docker::{docker, output, workplace};
use crate::Failure;
use crate::workspace::root;

/// A Debian to build on, made with debootstrap: `suite` is `bookworm`, `trixie`, ….
///
/// # Errors
/// debootstrap is missing or failed.
pub(super) async fn debian(suite: &str) -> Result<String, Failure> {
    let tag = format!("spymission/debian:{suite}");
    if exists(&tag).await {
        return Ok(tag);
    }
    let tree = workplace().join(format!("debian-{suite}"));
    let _ = fs::remove_dir_all(&tree); // of a run that was interrupted
    let script = r#"set -e
        debootstrap --variant=minbase --include=ca-certificates "$1" "$2" >"$2.log" 2>&1
        rm -rf "$2"/var/cache/apt/archives/*.deb "$2"/var/lib/apt/lists/*
        tar -C "$2" -c . | docker import - "$3""#;
    let mut command = tokio::process::Command::new("sh");
    command.args(["-c", script, "debian", suite]).arg(&tree).arg(&tag);
    let made = output(command).await;
    let _ = fs::remove_dir_all(&tree);
    made?;
    Ok(tag)
}

/// An image from a folder with a Dockerfile.
pub(super) struct Image<'a> {
    /// `spymission/<name>`.
    pub(super) name: &'a str,
    /// The context: all its files count as its content.
    pub(super) context: &'a Path,
    /// Build arguments; they count too.
    pub(super) arguments: &'a [(&'a str, &'a str)],
}

impl Image<'_> {
    /// Builds it unless an image of the same content is there: its tag.
    ///
    /// # Errors
    /// The context cannot be read, or the build failed.
    pub(super) async fn ensure(&self) -> Result<String, Failure> {
        let mut content = DefaultHasher::new();
        self.arguments.hash(&mut content);
        let context = root().join(self.context);
        hash_tree(&context, &mut content)?;
        let tag = format!("spymission/{}:{:016x}", self.name, content.finish());
        if exists(&tag).await {
            return Ok(tag);
        }
        let mut command = docker(["build", "--quiet", "--tag", &tag]);
        for (name, value) in self.arguments {
            command.args(["--build-arg", &format!("{name}={value}")]);
        }
        command.arg(&context);
        output(command).await?;
        Ok(tag)
    }
}

/// RabbitMQ 4, as of `docker.io/library/rabbitmq`.
///
/// # Errors
/// It could not be built.
pub(super) async fn rabbitmq() -> Result<String, Failure> {
    on_debian("rabbitmq", "compose/images/rabbitmq").await
}

/// MySQL 9, as of `docker.io/library/mysql`.
///
/// # Errors
/// It could not be built.
pub(super) async fn mysql() -> Result<String, Failure> {
    on_debian("mysql", "compose/images/mysql").await
}

/// nginx 1.30, as of `docker.io/library/nginx`.
///
/// # Errors
/// It could not be built.
pub(super) async fn nginx() -> Result<String, Failure> {
    on_debian("nginx", "compose/images/nginx").await
}

async fn on_debian(name: &str, context: &str) -> Result<String, Failure> {
    let base = debian("trixie").await?;
    let arguments = [("BASE", base.as_str())];
    Image { name, context: Path::new(context), arguments: &arguments }.ensure().await
}

/// Whether an image of this name is here.
pub(super) async fn exists(tag: &str) -> bool {
    output(docker(["image", "inspect", "--format", "{{.Id}}", tag])).await.is_ok()
}

/// Names and contents of all files under a folder, in the order of their names.
pub(super) fn hash_tree(path: &Path, content: &mut DefaultHasher) -> io::Result<()> {
    if !path.is_dir() {
        path.file_name().hash(content);
        fs::read(path)?.hash(content);
        return Ok(());
    }
    let mut entries: Vec<PathBuf> =
        fs::read_dir(path)?.map(|entry| entry.map(|e| e.path())).collect::<io::Result<_>>()?;
    entries.sort();
    entries.iter().try_for_each(|entry| hash_tree(entry, content))
}
