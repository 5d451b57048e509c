//! The image of all roles, built from the sources as they are.

use std::path::Path;

use crate::image::{Image, debian, exists};
use crate::stand_ins;
use xtask::Failure;
use xtask::workspace::root;

/// What the image of all roles is made of; the same list is in `.dockerignore`.
const SOURCES: [&str; 22] = [
    "compose/Dockerfile",
    "Cargo.toml",
    "Cargo.lock",
    "src",
    "schemas",
    "seams",
    "bus",
    "store",
    "telemetry",
    "traces",
    "dead-letters",
    "gateway",
    "workers",
    "load",
    "testkit/Cargo.toml",
    "bench/Cargo.toml",
    "costs/Cargo.toml",
    "fuzz/Cargo.toml",
    "simulation/Cargo.toml",
    "chaos/Cargo.toml",
    "xtask/Cargo.toml",
    "tests/deployment/Cargo.toml",
];

/// The image of all roles, of the sources as they are now; or the one that `SPYMISSION_IMAGE`
/// names, to show facts about what was built before.
///
/// # Errors
/// It could not be built.
pub(crate) async fn spymission() -> Result<String, Failure> {
    let Some(built) = std::env::var("SPYMISSION_IMAGE").ok().filter(|tag| !tag.is_empty()) else {
        return build("spymission", &[]).await;
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
    build("spymission-again", &["--no-cache"]).await
}

async fn build(name: &str, flags: &[&str]) -> Result<String, Failure> {
    let (builder, roots) = (stand_ins::rust().await?, debian("trixie").await?);
    let arguments = [("BUILDER", builder.as_str()), ("ROOTS", roots.as_str())];
    let dockerfile = Some(Path::new("compose/Dockerfile"));
    let image = Image { name, context: Path::new(""), dockerfile, flags, arguments: &arguments };
    image.ensure_of(&SOURCES.map(|source| root().join(source)), &[]).await
}
