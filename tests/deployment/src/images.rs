//! The image of all roles, built from the sources as they are.

use std::path::{Path, PathBuf};
use std::{fs, io};

use tokio::process::Command;

use crate::docker::{inspect, output};
use crate::image::{Image, debian, exists, turn};
use crate::{released, stand_ins};
use xtask::Failure;
use xtask::workspace::root;

/// The label of an image with the commit that it was built from.
const REVISION: &str = "{{index .Config.Labels \"org.opencontainers.image.revision\"}}";

/// A build that takes only what other containers leave of the processors.
const AHEAD: &str = "--cpu-shares=16";

/// What the image of all roles is made of: its Dockerfile and what `.dockerignore` leaves to it.
///
/// # Errors
/// A file or folder that `.dockerignore` names is not there.
pub(crate) fn sources() -> io::Result<Vec<PathBuf>> {
    let mut sources = vec![root().join("compose/Dockerfile")];
    for left in fs::read_to_string(root().join(".dockerignore"))?.lines() {
        match left.strip_prefix('!').map(|path| path.split_once('*').ok_or(path)) {
            None => {}
            Some(Err(path)) => sources.push(root().join(path)),
            Some(Ok((folder, end))) => sources.extend(ending(&root().join(folder), end)?),
        }
    }
    Ok(sources)
}

/// The files of a folder whose names end like this.
fn ending(folder: &Path, end: &str) -> io::Result<Vec<PathBuf>> {
    let mut files =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    files.retain(|file| file.to_string_lossy().ends_with(end));
    files.sort();
    Ok(files)
}

/// The image of all roles, of the sources as they are now; or the one that `SPYMISSION_IMAGE`
/// names, to show facts about what was built before.
///
/// # Errors
/// It could not be built.
pub(crate) async fn spymission() -> Result<String, Failure> {
    let Some(built) = std::env::var("SPYMISSION_IMAGE").ok().filter(|tag| !tag.is_empty()) else {
        return build("spymission", &[], head().await).await;
    };
    if exists(&built).await {
        return Ok(built);
    }
    Err(format!("SPYMISSION_IMAGE: there is no image {built} on this machine").into())
}

/// The same, built from nothing once more.
///
/// # Errors
/// It could not be built.
pub(crate) async fn spymission_again() -> Result<String, Failure> {
    let first = revision(&spymission().await?).await?;
    build("spymission-again", &["--no-cache", AHEAD], first).await
}

/// The same of the last release, from its own sources: the old version beside this one.
///
/// # Errors
/// The history does not reach back to it, or the build failed.
pub(crate) async fn released() -> Result<String, Failure> {
    let commit = released::commit()?;
    let tag = format!("spymission/released:{commit}");
    let _turn = turn(&tag).await;
    if !exists(&tag).await {
        let (builder, roots) = (stand_ins::rust().await?, debian("trixie").await?);
        let sources = released::sources().await?;
        let image = Image {
            name: "released",
            context: &sources,
            dockerfile: Some(&sources.join("compose/Dockerfile")),
            flags: &[AHEAD, &format!("--build-arg=REVISION={commit}")],
            arguments: &[("BUILDER", builder.as_str()), ("ROOTS", roots.as_str())],
        };
        image.build(&tag).await?;
        fs::remove_dir_all(&sources)?;
    }
    Ok(tag)
}

/// Builds what later facts need, while others are tried. Who needs one waits for it, and hears what failed.
pub(crate) async fn ahead() {
    if spymission().await.is_ok() {
        let _ = released().await;
        let _ = spymission_again().await;
    }
}

/// The commit that an image says it was built from.
///
/// # Errors
/// There is no such image.
pub(crate) async fn revision(image: &str) -> Result<Option<String>, Failure> {
    Ok(Some(inspect(image, REVISION).await?).filter(|revision| revision != "unknown"))
}

/// The commit that is checked out; none in a folder that git does not know.
pub(crate) async fn head() -> Option<String> {
    let mut git = Command::new("git");
    git.args(["rev-parse", "HEAD"]).current_dir(root());
    Some(output(git).await.ok()?.trim().to_owned())
}

/// The commit is not content: a commit of other files makes no other image.
async fn build(name: &str, flags: &[&str], commit: Option<String>) -> Result<String, Failure> {
    let (builder, roots) = (stand_ins::rust().await?, debian("trixie").await?);
    let arguments = [("BUILDER", builder.as_str()), ("ROOTS", roots.as_str())];
    let dockerfile = Some(Path::new("compose/Dockerfile"));
    let commit = commit.map(|commit| format!("--build-arg=REVISION={commit}"));
    let flags: Vec<&str> = flags.iter().copied().chain(commit.as_deref()).collect();
    let image =
        Image { name, context: Path::new(""), dockerfile, flags: &flags, arguments: &arguments };
    image.ensure_of(&sources()?, &[]).await
}
