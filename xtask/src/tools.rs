//! Tools from public registries: pinned, each in a directory of its own under `target/tools`.

use std::fs;
use std::path::PathBuf;

use tokio::process::Command;
use xtask::nodes::Error;
use xtask::process::find;

use crate::workspace::{Stage, root};
use crate::{Failure, install};

/// A pinned tool.
pub(crate) struct Tool {
    name: &'static str,
    version: &'static str,
    registry: Registry,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Registry {
    Npm,
    Python,
}

/// A linter of OpenAPI and AsyncAPI documents.
pub(crate) const SPECTRAL: Tool =
    Tool { name: "@stoplight/spectral-cli", version: "6.16.3", registry: Registry::Npm };
/// Tests a running gateway against its OpenAPI document.
pub(crate) const SCHEMATHESIS: Tool =
    Tool { name: "schemathesis", version: "4.32.5", registry: Registry::Python };

impl Tool {
    /// Its program, if it is there or could be installed; otherwise what to do about it is said.
    pub(crate) async fn program(&self, install: bool) -> Result<Option<PathBuf>, Failure> {
        if self.missing_packages().is_empty() && self.mark().is_file() {
            return Ok(Some(self.directory().join(self.path())));
        }
        if !install {
            println!("{} {} is not installed: --install does it", self.name, self.version);
            return Ok(None);
        }
        install::packages(&self.missing_packages()).await?;
        println!("── installing {} {}", self.name, self.version);
        let directory = self.directory();
        if directory.exists() {
            fs::remove_dir_all(&directory)?; // an installation that broke off
        }
        fs::create_dir_all(&directory)?;
        for command in self.commands() {
            if !Stage::start(command)?.wait().await? {
                return Err(Error::Refused(format!("{} could not be installed", self.name)).into());
            }
        }
        fs::write(self.mark(), "")?;
        Ok(Some(directory.join(self.path())))
    }

    /// Debian's packages that it needs and that are not there.
    fn missing_packages(&self) -> Vec<&'static str> {
        let venv = || {
            let import =
                std::process::Command::new("python3").args(["-c", "import ensurepip"]).output();
            import.is_ok_and(|ended| ended.status.success())
        };
        match self.registry {
            Registry::Npm if find("node").is_some() && find("npm").is_some() => vec![],
            Registry::Npm => vec!["nodejs", "npm"],
            Registry::Python if venv() => vec![],
            Registry::Python => vec!["python3", "python3-venv"],
        }
    }

    fn directory(&self) -> PathBuf {
        let name = self.name.rsplit('/').next().unwrap_or(self.name);
        root().join("target/tools").join(format!("{name}-{}", self.version))
    }

    /// Stands when the installation is complete.
    fn mark(&self) -> PathBuf {
        self.directory().join("installed")
    }

    fn path(&self) -> &'static str {
        match self.registry {
            Registry::Npm => "node_modules/.bin/spectral",
            Registry::Python => "bin/schemathesis",
        }
    }

    fn commands(&self) -> Vec<Command> {
        let directory = self.directory();
        match self.registry {
            Registry::Npm => {
                let mut install = Command::new("npm");
                install.args(["install", "--ignore-scripts", "--no-audit", "--no-fund"]);
                install.args(["--loglevel=error", "--prefix"]).arg(&directory);
                install.arg(format!("{}@{}", self.name, self.version));
                vec![install]
            }
            Registry::Python => {
                let mut venv = Command::new("python3");
                venv.args(["-m", "venv"]).arg(&directory);
                let mut install = Command::new(directory.join("bin/pip"));
                install.args(["install", "--quiet", "--disable-pip-version-check"]);
                install.arg(format!("{}=={}", self.name, self.version));
                vec![venv, install]
            }
        }
    }
}
