//! Every alert has a command in the guide, and the deployment test runs it.

use std::collections::BTreeSet;

use super::text;
use crate::runbook::steps;

#[test]
fn the_guide_has_a_command_that_is_run_for_every_alert_and_for_every_day() {
    let rules = text("compose/watch/alerts.yml");
    let alerts = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: "));
    let wanted: BTreeSet<_> =
        alerts.map(|alert| format!("#### {alert}")).chain(["### Observe".to_owned()]).collect();
    let steps = steps(&text("docs/operations.md"));
    let found: BTreeSet<_> = steps.iter().map(|step| step.heading.clone()).collect();
    assert_eq!(found, wanted);
    let blocks_of_several = steps.iter().filter(|step| step.heading == "### Observe").count();
    assert!(blocks_of_several > 1, "{steps:?}");
}

#[test]
fn a_command_of_several_lines_would_not_be_cut() {
    let steps = steps(&text("docs/operations.md"));
    let cut: Vec<_> = steps.iter().filter(|step| step.command.ends_with('\\')).collect();
    assert!(cut.is_empty(), "only lines of their own are run: {cut:?}");
}
