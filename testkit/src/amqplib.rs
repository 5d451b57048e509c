//! Node's AMQP client, in a folder of its own under `target`.

use std::path::{Path, PathBuf};

/// The package and its version, in the form of npm.
pub const PACKAGE: &str = "amqplib@2.3.1";

/// The folder that npm installs it into.
pub fn folder() -> PathBuf {
    let testkit = Path::new(env!("CARGO_MANIFEST_DIR"));
    testkit.parent().unwrap_or(testkit).join("target/tools").join(PACKAGE)
}

/// The `NODE_PATH` with which Node finds it.
pub fn node_path() -> PathBuf {
    folder().join("node_modules")
}

/// Whether it is installed.
pub fn installed() -> bool {
    node_path().join("amqplib/package.json").is_file()
}
