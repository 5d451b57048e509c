//! Query strings, read strictly: the error names a parameter that is unknown, wrong or given twice.

use schemas::{CreatedAt, Problem, ProblemKind, Text};

/// The parameters that were not read yet.
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(crate) fn parse(query: &str) -> Result<Self, Problem> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query)
            .map_err(|wrong| malformed("query", &wrong.to_string()))?;
        let mut names: Vec<_> = pairs.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        match names.windows(2).find(|pair| matches!(pair, [a, b] if a == b)) {
            Some([name, ..]) => Err(malformed(name, "it is given twice")),
            _ => Ok(Self(pairs)),
        }
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        let place = self.0.iter().position(|(other, _)| other == name)?;
        Some(self.0.swap_remove(place).1)
    }

    pub(crate) fn whole(
        &mut self,
        name: &str,
        least: i64,
        most: i64,
    ) -> Result<Option<i64>, Problem> {
        let Some(text) = self.take(name) else { return Ok(None) };
        let fix = format!("write a whole number from {least} to {most}");
        let number: i64 = text.parse().map_err(|_| malformed(name, &fix))?;
        if (least..=most).contains(&number) {
            return Ok(Some(number));
        }
        let detail = format!("`{name}` is {number}: {fix}");
        Err(Problem::new(ProblemKind::Invalid, detail))
    }

    pub(crate) fn text(&mut self, name: &str) -> Result<Option<Text>, Problem> {
        let Some(text) = self.take(name) else { return Ok(None) };
        let wrong = |wrong| Problem::new(ProblemKind::Invalid, format!("`{name}`: {wrong}"));
        text.parse().map(Some).map_err(wrong)
    }

    /// A text of 1 to `most` characters, without control characters and spaces around it.
    pub(crate) fn phrase(&mut self, name: &str, most: usize) -> Result<Option<String>, Problem> {
        let Some(text) = self.take(name) else { return Ok(None) };
        let fits = (1..=most).contains(&text.chars().count()) && text.trim() == text;
        if fits && !text.chars().any(char::is_control) {
            return Ok(Some(text));
        }
        let detail = format!(
            "`{name}`: write 1 to {most} characters, no control characters, no spaces around them"
        );
        Err(Problem::new(ProblemKind::Invalid, detail))
    }

    pub(crate) fn time(&mut self, name: &str) -> Result<Option<CreatedAt>, Problem> {
        let Some(text) = self.take(name) else { return Ok(None) };
        let fix = "write a time such as 2026-11-22T13:24:51Z (a + must be written %2B)";
        let at: CreatedAt = text.parse().map_err(|_| malformed(name, fix))?;
        if at.micros() < 0 {
            let detail = format!("`{name}` is {at}: there is nothing before 1970");
            return Err(Problem::new(ProblemKind::Invalid, detail));
        }
        Ok(Some(at))
    }

    pub(crate) fn nothing_else(&self, known: &str) -> Result<(), Problem> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => {
                Err(malformed(name, &format!("there is no such parameter: {known}")))
            }
        }
    }
}

/// A parameter that cannot be read.
pub(crate) fn malformed(name: &str, wrong: &str) -> Problem {
    let name: String = name.chars().take(32).collect();
    Problem::new(ProblemKind::Malformed, format!("parameter `{name}`: {wrong}"))
}
