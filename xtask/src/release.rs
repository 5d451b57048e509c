//! `cargo xtask release`: what is left to do for a release.

use std::fs;
use std::process::ExitCode;

use clap::Args;
use xtask::Outcome;
use xtask::workspace::{git, root};

/// What follows when everything here agrees: commands of people, because they need keys and registries.
const THEN: [&str; 6] = [
    "cargo xtask test --install && cargo xtask deploy-test --install",
    "git tag --sign vVERSION --message 'spymission VERSION'",
    "cargo xtask package --install --sign KEY      # what people install, in target/package",
    "git push --follow-tags                         # the pipeline builds, signs and deploys the image",
    "attach target/package/* and the section of CHANGELOG.md to the tag",
    "git rev-parse vVERSION^{commit} >ci/released    # the old version of the next tests, in a commit of its own",
];

/// Says what is left to do for a release of the version in Cargo.toml: fails until the files agree
#[derive(Args)]
pub(crate) struct Options {}

/// Prints each step, and whether it is done.
pub(crate) async fn run(_: Options) -> Outcome {
    let version = env!("CARGO_PKG_VERSION");
    println!("spymission {version}");
    let read = |file: &str| fs::read_to_string(root().join(file));
    let mut ready = true;
    for Step { file, names, what } in steps(version) {
        let done = read(file)?.contains(&names);
        ready &= done;
        told(done, &format!("{file}: {what}"));
    }
    let empty = unreleased(&read("CHANGELOG.md")?).is_empty();
    told(empty, "CHANGELOG.md: nothing stands under `Unreleased`");
    let clean = git(&["status", "--porcelain"]).await?.is_empty();
    told(clean, "everything is committed");
    if !(ready && empty && clean) {
        return Ok(ExitCode::FAILURE);
    }
    println!("Then, in this order:");
    for command in THEN {
        println!("  {}", command.replace("VERSION", version));
    }
    Ok(ExitCode::SUCCESS)
}

fn told(done: bool, step: &str) {
    println!("  {} {step}", if done { "✓" } else { "✗" });
}

/// A file that names the version.
struct Step {
    file: &'static str,
    names: String,
    what: &'static str,
}

fn steps(version: &str) -> [Step; 5] {
    let step = |file, names, what| Step { file, names, what };
    [
        step(
            "CHANGELOG.md",
            format!("\n## {version} "),
            "a section of this version, with its date",
        ),
        step("compose/Dockerfile", format!("ARG VERSION={version}\n"), "the label of the image"),
        step(
            "docs/debian.md",
            format!("./spymission_{version}-1_amd64.deb"),
            "the name of the package",
        ),
        step(
            "docs/operations.md",
            format!("| `VERSION` | `{version}` |"),
            "the default of the label",
        ),
        step(
            "schemas/openapi.json",
            format!("\"version\": \"{version}\""),
            "`cargo xtask generate`",
        ),
    ]
}

/// The entries under `Unreleased`.
fn unreleased(changelog: &str) -> Vec<&str> {
    let below = changelog.split("\n## Unreleased\n").nth(1).unwrap_or_default();
    let section = below.split("\n## ").next().unwrap_or_default();
    section.lines().filter(|line| line.starts_with("- ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_names_the_version_of_cargo_toml() {
        for Step { file, names, what } in steps(env!("CARGO_PKG_VERSION")) {
            let text = fs::read_to_string(root().join(file)).unwrap();
            assert!(text.contains(&names), "{file} has no {names:?}: {what}");
        }
    }

    #[test]
    fn entries_are_unreleased_until_a_version_stands_above_them() {
        let text = "# C\n\n## Unreleased\n\n### Added\n- a\n- b\n\n## 0.2.0 (2026-11-28)\n\n- c\n";
        assert_eq!(unreleased(text), ["- a", "- b"]);
    }
}
