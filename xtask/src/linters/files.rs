//! The files of the repository that a linter reads.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Dockerfile,
    /// A shell script by its name or first line, or a template of one.
    Script,
    Yaml,
    /// YAML with services.
    Compose,
    Jenkinsfile,
}

/// Folders that do not belong to the repository.
const FOREIGN: [&str; 5] = [".git", ".ansible", "node_modules", "secrets", "target"];

impl Kind {
    /// The name of a file of this kind.
    pub(super) fn example(self) -> &'static str {
        match self {
            Self::Dockerfile => "Dockerfile",
            Self::Script => "script.sh",
            Self::Yaml => "file.yml",
            Self::Compose => "compose.yaml",
            Self::Jenkinsfile => "Jenkinsfile",
        }
    }

    /// All files of this kind below `root`. Templates are filled in and written to `scratch`.
    ///
    /// # Errors
    /// A file cannot be read or written.
    pub(super) fn files(self, root: &Path, scratch: &Path) -> io::Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for path in tree(root)? {
            let bytes = fs::read(&path)?;
            let text = String::from_utf8_lossy(&bytes);
            if !self.fits(&path, &text) {
                continue;
            }
            if path.extension().is_some_and(|end| end == "j2") {
                let made = scratch.join(path.file_stem().unwrap_or_default());
                fs::write(&made, filled_in(&text))?;
                found.push(made);
            } else {
                found.push(path.strip_prefix(root).unwrap_or(&path).to_owned());
            }
        }
        found.sort();
        Ok(found)
    }

    fn fits(self, path: &Path, text: &str) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match self {
            Self::Dockerfile => name == "Dockerfile" || name.ends_with(".Dockerfile"),
            Self::Jenkinsfile => name == "Jenkinsfile",
            Self::Script => name.ends_with(".sh") || for_a_shell(text),
            Self::Yaml => {
                let ends = [".yml", ".yaml", ".yamllint", ".ansible-lint"];
                ends.iter().any(|end| name.ends_with(end))
            }
            Self::Compose => Self::Yaml.fits(path, "") && text.contains("\nservices:\n"),
        }
    }
}

fn for_a_shell(text: &str) -> bool {
    let interpreter = text.lines().next().and_then(|line| line.strip_prefix("#!"));
    interpreter.is_some_and(|program| program.trim_end().ends_with("sh"))
}

/// A template with the same word for each value.
fn filled_in(template: &str) -> String {
    let mut parts = template.split("{{");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str("value");
        text.push_str(part.split_once("}}").map_or(part, |(_, rest)| rest));
    }
    text
}

/// Every file below this folder.
fn tree(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let (mut folders, mut files) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if FOREIGN.iter().any(|foreign| entry.file_name() == *foreign) {
                continue;
            }
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::root;

    fn named(kind: Kind) -> Vec<String> {
        let scratch = tempfile::tempdir().unwrap();
        let files = kind.files(&root(), scratch.path()).unwrap();
        let name = |file: &PathBuf| {
            let file = file.strip_prefix(scratch.path()).unwrap_or(file);
            file.display().to_string()
        };
        files.iter().map(name).collect()
    }

    #[test]
    fn scripts_are_found_by_name_and_by_first_line() {
        let found = named(Kind::Script);
        for script in ["ci/build.sh", ".ci/run", "ansible/roles/application/files/probe.sh"] {
            assert!(found.iter().any(|name| name == script), "{script} is not in {found:?}");
        }
        assert!(!found.iter().any(|name| name.starts_with("target/")));
    }

    #[test]
    fn every_kind_of_file_is_there() {
        for (kind, one) in [
            (Kind::Dockerfile, "compose/Dockerfile"),
            (Kind::Yaml, "ansible/site.yml"),
            (Kind::Compose, "compose/stack.yaml"),
            (Kind::Jenkinsfile, "Jenkinsfile"),
        ] {
            assert!(named(kind).iter().any(|name| name == one), "{kind:?}: no {one}");
        }
        assert!(!named(Kind::Compose).iter().any(|name| name == "ansible/site.yml"));
    }

    #[test]
    fn a_template_is_filled_in() {
        let filled = filled_in("keep={{ backup_keep + 1 }}\nin {{ there }}");
        assert_eq!(filled, "keep=value\nin value");
    }
}
