//! Whether everything was right that a run has seen.

use std::collections::BTreeMap;

use load::Report;

use super::results::What;

/// Gathers what was promised to callers, and what was wrong.
#[derive(Default)]
pub(crate) struct Judge {
    wrong: Vec<String>,
    ids: Vec<u128>,
    promised: BTreeMap<&'static str, u64>,
}

impl Judge {
    /// Looks at one load; `database` is where its missions are stored, if they are counted later.
    pub(crate) fn look(
        &mut self,
        (what, callers): (What, usize),
        report: Report,
        database: Option<&'static str>,
    ) {
        let (failures, impostors) = (report.failures(), report.impostors());
        if let Some(first) = &report.first_failure {
            let (wanted, first) = (report.wanted.0, &first.what);
            self.wrong.push(format!(
                "{what:?}, {callers} callers: {failures} requests failed; wanted was {wanted}, the first got: {first}"
            ));
        }
        if impostors > 0 && !report.ids.is_empty() {
            self.wrong.push(format!(
                "{what:?}, {callers} callers: {impostors} replies without an id of their own"
            ));
        }
        if let Some(database) = database {
            *self.promised.entry(database).or_default() += report.status(201);
        }
        self.ids.extend(report.ids);
    }

    /// So many rows are in this database, `before` of them since before the first load.
    pub(crate) fn count(&mut self, database: &'static str, rows: u64, before: u64) {
        let promised = self.promised.get(database).copied().unwrap_or_default();
        println!(
            "{database}: {promised} missions were promised, {} are stored",
            rows - before.min(rows)
        );
        if rows < promised + before {
            self.wrong.push(format!("{database}: missions were promised that are not stored"));
        }
    }

    /// Says what was wrong, and returns whether nothing was.
    pub(crate) fn finds_all_right(mut self) -> bool {
        self.ids.sort_unstable();
        if self.ids.windows(2).any(|two| matches!(two, [one, other] if one == other)) {
            self.wrong.push("an id was given out twice".to_owned());
        }
        for wrong in &self.wrong {
            println!("WRONG: {wrong}");
        }
        self.wrong.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(ids: &[u128]) -> Report {
        let statuses = BTreeMap::from([(201, ids.len() as u64)]);
        Report { ids: ids.to_vec(), statuses, ..Report::default() }
    }

    fn judge(loads: &[&[u128]], rows: u64) -> bool {
        let mut judge = Judge::default();
        for ids in loads {
            judge.look((What::Cluster, 1), report(ids), Some("missions"));
        }
        judge.count("missions", rows, 0);
        judge.finds_all_right()
    }

    #[test]
    fn a_lost_row_an_id_given_out_twice_and_a_failed_request_are_wrong() {
        assert!(judge(&[&[1, 2], &[3]], 3));
        assert!(judge(&[&[1, 2], &[3]], 4), "a caller may have left");
        assert!(!judge(&[&[1, 2], &[3]], 2));
        assert!(!judge(&[&[1, 2], &[2]], 3));
        assert!(!judge(&[&[1, 1]], 3));
        let mut judge = Judge::default();
        let what = "refused".to_owned();
        let first_failure = Some(load::Failure { after: std::time::Duration::ZERO, what });
        judge.look((What::Bare, 1), Report { first_failure, ..Report::default() }, None);
        assert!(!judge.finds_all_right());
    }
}
