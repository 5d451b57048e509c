//! The registries of tools, and the commands that install from them.

use std::path::Path;

use testkit::process::find;
use tokio::process::Command;

use crate::workspace::cargo;

/// A public registry.
#[derive(Clone, Copy)]
pub(super) enum Registry {
    /// Of crates: compiled here.
    Crates,
    Npm,
    Python,
}

impl Registry {
    /// Debian's packages that an installation needs and that are missing.
    pub(super) fn missing_packages(self) -> Vec<&'static str> {
        match self {
            Self::Crates => vec![], // cargo runs us
            Self::Npm if find("node").is_some() && find("npm").is_some() => vec![],
            Self::Npm => vec!["nodejs", "npm"],
            Self::Python if has_venv() => vec![],
            Self::Python => vec!["python3", "python3-venv"],
        }
    }

    /// The folder of programs in the directory of a tool.
    pub(super) fn programs(self) -> &'static str {
        match self {
            Self::Crates | Self::Python => "bin",
            Self::Npm => "node_modules/.bin",
        }
    }

    /// The commands that install it into this directory, one after the other.
    pub(super) fn install(self, name: &str, version: &str, directory: &Path) -> Vec<Command> {
        match self {
            Self::Crates => {
                let mut install = cargo();
                install.args(["install", "--quiet", "--locked", "--root"]).arg(directory);
                // A tool is built with its own settings, not with those of this run.
                install.env_remove("CARGO_TARGET_DIR").env_remove("RUSTFLAGS");
                install.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"); // compiled sooner, and fast enough
                install
                    .env("CARGO_PROFILE_RELEASE_LTO", "off")
                    .env("CARGO_PROFILE_RELEASE_DEBUG", "0");
                install.args([name, "--version", &format!("={version}")]);
                vec![install]
            }
            Self::Npm => {
                let mut install = Command::new("npm");
                install.args(["install", "--ignore-scripts", "--no-audit", "--no-fund"]);
                install.args(["--loglevel=error", "--prefix"]).arg(directory);
                install.arg(format!("{name}@{version}"));
                vec![install]
            }
            Self::Python => {
                let mut venv = Command::new("python3");
                venv.args(["-m", "venv"]).arg(directory);
                let mut install = Command::new(directory.join("bin/pip"));
                install.args(["install", "--quiet", "--disable-pip-version-check"]);
                install.arg(format!("{name}=={version}"));
                vec![venv, install]
            }
        }
    }
}

/// Whether `python3 -m venv` works; Debian puts it in a package of its own.
pub fn has_venv() -> bool {
    let import = std::process::Command::new("python3").args(["-c", "import ensurepip"]).output();
    import.is_ok_and(|ended| ended.status.success())
}
