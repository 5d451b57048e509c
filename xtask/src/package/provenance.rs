//! Where packages come from, as SLSA has it: <https://slsa.dev/spec/v1.0/provenance>.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// A statement of in-toto about these files (names and SHA-256), which were made from this commit.
pub(super) fn statement(files: &[(String, String)], commit: &str) -> String {
    let subject =
        files.iter().map(|(name, hash)| json!({"name": name, "digest": {"sha256": hash}}));
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subject.collect::<Value>(),
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": "cargo xtask package",
                "externalParameters": {"version": env!("CARGO_PKG_VERSION")},
                "resolvedDependencies": [{"uri": "git", "digest": {"gitCommit": commit}}],
            },
            "runDetails": {"builder": {"id": "cargo xtask package"}},
        },
    });
    format!("{statement:#}\n")
}

/// The folders of the workspace's members, as `Cargo.toml` names them.
pub(super) fn members(root: PathBuf) -> Vec<PathBuf> {
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).unwrap_or_default();
    let listed = manifest.split("members = [").nth(1).and_then(|rest| rest.split(']').next());
    let names = listed.unwrap_or_default().split(',');
    names.map(|name| root.join(Path::new(name.trim().trim_matches('"')))).collect()
}

#[cfg(test)]
mod tests {
    use xtask::workspace::root;

    use super::*;

    #[test]
    fn a_statement_names_each_file_its_hash_and_the_commit() {
        let files = [("a.deb".to_owned(), "12ab".to_owned())];
        let statement: Value = serde_json::from_str(&statement(&files, "c0ffee")).unwrap();
        assert_eq!(statement["subject"], json!([{"name": "a.deb", "digest": {"sha256": "12ab"}}]));
        let dependencies = &statement["predicate"]["buildDefinition"]["resolvedDependencies"];
        assert_eq!(dependencies[0]["digest"]["gitCommit"], "c0ffee");
    }

    #[test]
    fn each_member_is_a_folder_with_a_manifest() {
        let members = members(root());
        assert!(members.len() > 10, "{members:?}");
        assert!(members.iter().all(|member| member.join("Cargo.toml").is_file()), "{members:?}");
    }
}
