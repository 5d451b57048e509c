//! What became of the missions of a drill, in words.

use schemas::drills::{DrillCounts, Lasting};

use super::ledger::MOST;
use crate::figures::whole;

/// What is known, in words.
pub(super) fn text(
    lasting: &[Lasting],
    counts: Option<&DrillCounts>,
    is_known: bool,
    is_full: bool,
) -> String {
    let Some(counts) = counts else {
        return "No drill was begun yet. Begin one, request missions, and watch.".to_owned();
    };
    if !is_known {
        return "The table could not be read: nothing is counted now.".to_owned();
    }
    let DrillCounts { accepted, stored, .. } = *counts;
    let told = match accepted {
        0 if lasting.is_empty() => "No mission was accepted".to_owned(),
        0 => "No mission was accepted yet: request some".to_owned(),
        1 => "1 mission was accepted".to_owned(),
        n => format!("{} missions were accepted", whole(n)),
    };
    let only = match is_full {
        true => format!(" Only the first {} are counted.", whole(MOST as u64)),
        false => String::new(),
    };
    match (counts.lost, counts.doubled, accepted.saturating_sub(stored)) {
        (Some(lost), Some(doubled), _) => {
            let (lost, doubled) = (whole(lost), whole(doubled));
            let rows = if stored == 1 { "row" } else { "rows" };
            format!(
                "Over. {told}, {} {rows} counted: lost {lost}, doubled {doubled}.{only}",
                whole(stored)
            )
        }
        _ if accepted == 0 => format!("{told}.{only}"),
        (_, _, 0) => format!("{told}; all of them are stored so far.{only}"),
        (_, _, n) => format!("{told}; {} of them have no row yet.{only}", whole(n)),
    }
}

#[cfg(test)]
mod tests {
    use schemas::CreatedAt;

    use super::*;

    fn counts(accepted: u64, stored: u64, over: bool) -> DrillCounts {
        DrillCounts {
            since: CreatedAt::from_micros(0).unwrap(),
            accepted,
            stored,
            lost: over.then(|| accepted - stored),
            doubled: over.then_some(0),
        }
    }

    #[test]
    fn nought_is_said_only_when_it_was_counted() {
        let say = |counts: Option<&DrillCounts>, is_known| text(&[], counts, is_known, false);
        assert!(!say(None, true).contains("lost"));
        let under_way = say(Some(&counts(37, 12, false)), true);
        assert_eq!(under_way, "37 missions were accepted; 25 of them have no row yet.");
        assert_eq!(say(Some(&counts(0, 0, false)), true), "No mission was accepted.");
        let over = say(Some(&counts(37, 37, true)), true);
        assert_eq!(over, "Over. 37 missions were accepted, 37 rows counted: lost 0, doubled 0.");
        assert!(!say(Some(&counts(37, 37, true)), false).contains("lost"), "the table is away");
        let full = text(&[], Some(&counts(1, 1, true)), true, true);
        assert!(full.ends_with("Only the first 10\u{202f}000 are counted."), "{full}");
    }
}
