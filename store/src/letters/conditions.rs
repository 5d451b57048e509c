//! The conditions with which statements about dead letters filter.

use schemas::dead_letter::{State, Step};

use super::filter::LetterFilter;
use crate::sql::{Dialect, push_bytes};

impl Dialect {
    /// What a letter has to be to pass the filter.
    pub(super) fn letter_conditions(&self, filter: &LetterFilter) -> Vec<String> {
        let LetterFilter { states, reason, role, since, until, text } = filter;
        let mut conditions = Vec::new();
        conditions.extend((!states.is_empty()).then(|| in_states(states)));
        conditions.extend(reason.as_ref().map(|reason| self.has_reason(reason)));
        if let Some(role) = role {
            let mut condition = "d.role = ".to_owned();
            self.push_text(&mut condition, role);
            conditions.push(condition);
        }
        conditions.extend(since.map(|at| format!("d.last_at >= {}", (self.time)(at))));
        conditions.extend(until.map(|at| format!("d.last_at < {}", (self.time)(at))));
        conditions.extend(text.as_ref().map(|text| self.has_text(text)));
        conditions
    }

    /// The word that begins the reason, or the whole pattern.
    fn has_reason(&self, reason: &str) -> String {
        let mut condition = "(d.pattern = ".to_owned();
        self.push_text(&mut condition, reason);
        // All that begins with `word:`, as a range, so that the index serves: `;` is next to `:`.
        condition.push_str(" OR (d.pattern >= ");
        self.push_text(&mut condition, &format!("{reason}:"));
        condition.push_str(" AND d.pattern < ");
        self.push_text(&mut condition, &format!("{reason};"));
        condition.push_str("))");
        condition
    }

    /// The text anywhere in it.
    fn has_text(&self, text: &str) -> String {
        let find = |place: &str, write: &dyn Fn(&mut String)| {
            let mut condition = format!("INSTR({place}, ");
            write(&mut condition);
            condition.push_str(") > 0");
            condition
        };
        let as_text = |sql: &mut String| self.push_text(sql, text);
        let as_bytes = |sql: &mut String| push_bytes(sql, text.as_bytes());
        let [reason, id] = ["d.reason", "d.message_id"].map(|place| find(place, &as_text));
        format!("({reason} OR {id} OR {})", find("d.body", &as_bytes))
    }
}

/// In one of these states.
pub(super) fn in_states(states: &[State]) -> String {
    let steps = Step::ALL.into_iter().filter(|step| states.contains(&step.state()));
    let words: Vec<_> = steps.map(|step| format!("'{}'", step.word())).collect();
    let mut condition = format!("(a.step IN ({})", words.join(","));
    if states.contains(&State::Waiting) {
        condition.push_str(" OR a.step IS NULL");
    }
    condition.push(')');
    condition
}
