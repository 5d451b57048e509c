//! Where packages come from, as SLSA has it: <https://slsa.dev/spec/v1.0/provenance>.

use serde_json::{Value, json};

/// The kind of build and its builder, which SLSA wants as URIs. Nothing is behind them.
const BUILD: &str = "urn:spymission:cargo-xtask-package";

/// A statement of in-toto about these files (names and SHA-256), and the commit that they were made from,
/// if that is known.
pub(super) fn statement(files: &[(String, String)], commit: Option<&str>) -> String {
    let sources = commit
        .map(|commit| json!({"uri": format!("git:{commit}"), "digest": {"gitCommit": commit}}));
    let subject =
        files.iter().map(|(name, hash)| json!({"name": name, "digest": {"sha256": hash}}));
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subject.collect::<Value>(),
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD,
                "externalParameters": {"version": env!("CARGO_PKG_VERSION")},
                "resolvedDependencies": sources.as_slice(),
            },
            "runDetails": {"builder": {"id": BUILD}},
        },
    });
    format!("{statement:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_names_each_file_its_hash_and_the_commit() {
        let files = [("a.deb".to_owned(), "12ab".to_owned())];
        let about = |commit| -> Value { serde_json::from_str(&statement(&files, commit)).unwrap() };
        let known = about(Some("c0ffee"));
        assert_eq!(known["subject"], json!([{"name": "a.deb", "digest": {"sha256": "12ab"}}]));
        let of =
            |about: Value| about["predicate"]["buildDefinition"]["resolvedDependencies"].clone();
        let source = json!([{"uri": "git:c0ffee", "digest": {"gitCommit": "c0ffee"}}]);
        assert_eq!(of(known), source);
        assert_eq!(of(about(None)), json!([]), "nothing is made up");
    }
}
