//! Images, built only when their content has changed.
//!
//! Nothing is pulled: a base is made from Debian's packages.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::{fs, io};

use testkit::process::find;
use tokio::sync::{Mutex as Turns, OwnedMutexGuard};

use crate::docker::{docker, output, workplace};
use xtask::Failure;
use xtask::workspace::root;

/// Waits while somebody else makes what has this name: each thing is made once.
pub(crate) async fn turn(name: &str) -> OwnedMutexGuard<()> {
    static MADE: Mutex<BTreeMap<String, Arc<Turns<()>>>> = Mutex::new(BTreeMap::new());
    let turns = {
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(made.entry(name.to_owned()).or_default())
    };
    turns.lock_owned().await
}

/// A Debian to build on, made with debootstrap: `suite` is `bookworm`, `trixie`, ….
///
/// # Errors
/// debootstrap is missing or failed.
pub(crate) async fn debian(suite: &str) -> Result<String, Failure> {
    let tag = format!("spymission/debian:{suite}");
    let _turn = turn(&tag).await;
    if exists(&tag).await {
        return Ok(tag);
    }
    if find("debootstrap").is_none() {
        return Err("debootstrap is missing: apt-get install debootstrap, or --install".into());
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
pub(crate) struct Image<'a> {
    /// `spymission/<name>`.
    pub(crate) name: &'a str,
    /// The context: all its files count as its content.
    pub(crate) context: &'a Path,
    /// Where its Dockerfile is, if not in the context.
    pub(crate) dockerfile: Option<&'a Path>,
    /// More flags for `docker build`.
    pub(crate) flags: &'a [&'a str],
    /// Build arguments; they count too.
    pub(crate) arguments: &'a [(&'a str, &'a str)],
}

impl Image<'_> {
    /// Builds it unless an image of the same content is there: its tag.
    ///
    /// # Errors
    /// The context cannot be read, or the build failed.
    pub(crate) async fn ensure(&self) -> Result<String, Failure> {
        self.ensure_of(&[root().join(self.context)], &[]).await
    }

    /// The same, where these files and texts are what counts as its content.
    ///
    /// # Errors
    /// A file cannot be read, or the build failed.
    pub(crate) async fn ensure_of(
        &self,
        files: &[PathBuf],
        texts: &[Vec<u8>],
    ) -> Result<String, Failure> {
        let tag = self.tag(files, texts)?;
        let _turn = turn(&tag).await;
        if !exists(&tag).await {
            self.build(&tag).await?;
        }
        Ok(tag)
    }

    /// The name of an image of this content.
    ///
    /// # Errors
    /// A file cannot be read.
    pub(crate) fn tag(&self, files: &[PathBuf], texts: &[Vec<u8>]) -> io::Result<String> {
        let mut content = DefaultHasher::new();
        (self.arguments, texts).hash(&mut content);
        files.iter().try_for_each(|file| hash_tree(file, &mut content))?;
        Ok(format!("spymission/{}:{:016x}", self.name, content.finish()))
    }

    /// Builds it, under this name.
    ///
    /// # Errors
    /// The build failed.
    pub(crate) async fn build(&self, tag: &str) -> Result<(), Failure> {
        let mut command = docker(["build", "--quiet", "--tag", tag]);
        command.args(self.flags);
        for (name, value) in self.arguments {
            command.args(["--build-arg", &format!("{name}={value}")]);
        }
        if let Some(dockerfile) = self.dockerfile {
            command.arg("--file").arg(root().join(dockerfile));
        }
        command.arg(root().join(self.context));
        output(command).await.map(drop)
    }
}

/// Whether an image of this name is here.
pub(crate) async fn exists(tag: &str) -> bool {
    output(docker(["image", "inspect", "--format", "{{.Id}}", tag])).await.is_ok()
}

/// Names and contents of all files under a folder but tests, in the order of their names.
pub(crate) fn hash_tree(path: &Path, content: &mut DefaultHasher) -> io::Result<()> {
    if !path.is_dir() {
        path.file_name().hash(content);
        fs::read(path)?.hash(content);
        return Ok(());
    }
    let mut entries: Vec<PathBuf> =
        fs::read_dir(path)?.map(|entry| entry.map(|e| e.path())).collect::<io::Result<_>>()?;
    entries.retain(|entry| !["tests", "target"].iter().any(|name| entry.ends_with(name)));
    entries.sort();
    entries.iter().try_for_each(|entry| hash_tree(entry, content))
}
