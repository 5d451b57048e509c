//! Compares a committed file with what is generated now.

use serde_json::Value;
use similar::TextDiff;

/// The most lines of a difference that are shown.
const SHOWN: usize = 40;

/// Fails with the lines that differ, and with the command to run.
#[track_caller]
pub(crate) fn assert_same(file: &str, committed: &str, generated: &Value) {
    let wrong = differences(file, committed, generated);
    assert!(wrong.is_none(), "{}", wrong.unwrap_or_default());
}

fn differences(file: &str, committed: &str, generated: &Value) -> Option<String> {
    let generated = format!("{generated:#}\n");
    if committed == generated {
        return None;
    }
    let diff = TextDiff::from_lines(committed, &generated);
    let diff = diff.unified_diff().context_radius(1).header("committed", "generated").to_string();
    let mut shown = diff.lines().take(SHOWN).collect::<Vec<_>>().join("\n");
    if let Some(more) = diff.lines().count().checked_sub(SHOWN).filter(|more| *more > 0) {
        shown += &format!("\n… and {more} lines more");
    }
    Some(format!("{file} is not what the code generates: run `cargo xtask generate`\n{shown}"))
}

#[test]
fn a_difference_is_shown_by_its_lines_and_the_command() {
    let mut document = schemas::openapi();
    let committed = format!("{document:#}\n");
    document["info"]["title"] = "changed".into();
    let shown = differences("schemas/openapi.json", &committed, &document).unwrap_or_default();
    assert!(shown.contains("run `cargo xtask generate`"), "{shown}");
    assert!(shown.contains("+    \"title\": \"changed\""), "{shown}");
    assert!(shown.len() < 1_000, "{} bytes", shown.len());
    let nothing = differences("schemas/openapi.json", "", &document).unwrap_or_default();
    assert!(nothing.lines().count() < SHOWN + 5, "{nothing}");
}
