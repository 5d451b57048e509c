//! Public linters of what is not Rust: Dockerfiles, scripts, YAML, Compose files, the Jenkinsfile.

mod files;

use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::TempDir;
use tokio::process::Command;

use crate::Failure;
use crate::tools::{CHECK_JSONSCHEMA, HADOLINT, JDP, SHELLCHECK, Tool, YAMLLINT};
use crate::workspace::{Stage, root};
use files::Kind;

/// A linter, and the files that it reads.
pub struct Linter {
    tool: &'static Tool,
    arguments: &'static [&'static str],
    kind: Kind,
    /// A file that it has to refuse, to show that it finds errors.
    broken: &'static str,
}

/// The linters that are installed in seconds.
pub const QUICK: [Linter; 4] = [
    Linter {
        tool: &HADOLINT,
        // Versions of packages are those of the base, which is pinned.
        arguments: &["--no-color", "--ignore=DL3008"],
        kind: Kind::Dockerfile,
        broken: "FROM debian\nRUN cd /tmp && make\n",
    },
    Linter {
        tool: &SHELLCHECK,
        arguments: &[],
        kind: Kind::Script,
        broken: "#!/bin/sh\nrm $1/*\n",
    },
    Linter {
        tool: &YAMLLINT,
        arguments: &["--strict", "--config-file", "ansible/.yamllint"],
        kind: Kind::Yaml,
        broken: "---\nkey: 1\nkey: 2\n",
    },
    Linter {
        tool: &CHECK_JSONSCHEMA,
        arguments: &["--builtin-schema", "vendor.compose-spec"],
        kind: Kind::Compose,
        broken: "services:\n  gateway:\n    imagine: spymission\n",
    },
];

/// The parser of the Jenkinsfile, which takes a minute to compile.
pub const PIPELINE: Linter = Linter {
    tool: &JDP,
    arguments: &["check"],
    kind: Kind::Jenkinsfile,
    broken: "pipeline {\n    agent any\n    stages\n}\n",
};

impl Linter {
    /// The name of its tool.
    pub fn name(&self) -> &'static str {
        self.tool.called()
    }

    /// Returns whether all files pass, and prints it; `None` when the linter is not installed.
    ///
    /// # Errors
    /// It could not be installed or started, there is no file for it, or it accepts a broken file.
    pub async fn run(&self, install: bool) -> Result<Option<bool>, Failure> {
        let Some(program) = self.tool.program(install).await? else { return Ok(None) };
        let name = self.name();
        let scratch = TempDir::with_prefix("lint-")?;
        let broken = scratch.path().join(self.kind.example());
        std::fs::write(&broken, self.broken)?;
        let mut refuse = self.command(&program, &[broken]);
        refuse.stdout(Stdio::null()).stderr(Stdio::null());
        if Stage::start(refuse)?.wait().await? {
            return Err(format!("{name} accepts a broken {}", self.kind.example()).into());
        }
        let files = self.kind.files(&root(), scratch.path())?;
        if files.is_empty() {
            return Err(format!("{name} has nothing to read").into());
        }
        let passed = Stage::start(self.command(&program, &files))?.wait().await?;
        let said =
            if passed { "passed, and a broken one was refused" } else { "read: errors found" };
        println!("{name}: {} file(s) {said}", files.len());
        Ok(Some(passed))
    }

    fn command(&self, program: &Path, files: &[PathBuf]) -> Command {
        let mut command = Command::new(program);
        command.current_dir(root()).args(self.arguments).args(files);
        command
    }
}

/// Runs the quick linters. Returns whether all files pass; `None` when not all linters are installed
/// and the others found nothing.
///
/// # Errors
/// As of [`Linter::run`].
pub async fn quick(install: bool) -> Result<Option<bool>, Failure> {
    let mut passed = Some(true);
    for linter in &QUICK {
        passed = match linter.run(install).await? {
            Some(true) => passed,
            None => passed.filter(|ok| !ok),
            wrong => wrong,
        };
    }
    Ok(passed)
}
