//! The query strings of these addresses.

use schemas::dead_letter::{BatchId, State};
use schemas::{CreatedAt, DeadLetter, LetterId, Problem, ProblemKind};
use store::{LetterCursor, LetterFilter};

use crate::parameters::{Parameters, malformed};

/// The most letters of one page.
const MOST: u16 = DeadLetter::BATCH;
/// The letters of a page without `limit`.
const LIMIT: u16 = 20;
/// The parameters of a filter.
const FILTER: &str = "reason, role, since, until, text, state";
/// The most characters of a text that is looked for.
const TEXT: usize = 256;

/// What a list shows.
pub(super) struct Listing {
    pub(super) filter: LetterFilter,
    /// The state as the caller named it.
    pub(super) state: String,
    pub(super) limit: u16,
    pub(super) cursor: Option<LetterCursor>,
}

/// What is to be done about letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Replay,
    Discard,
}

impl Act {
    /// Both.
    pub(super) const ALL: [Self; 2] = [Self::Replay, Self::Discard];

    /// Its word, which is also the last part of the address that carries it out.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Replay => "replay",
            Self::Discard => "discard",
        }
    }
}

/// Which letters a preview shows.
pub(super) enum Chosen {
    /// This one.
    One(LetterId),
    /// The first ones that pass the filter.
    First(Listing),
}

impl Parameters {
    fn letters(&mut self) -> Result<(LetterFilter, String), Problem> {
        let state = self.take("state").unwrap_or_else(|| State::NAMED_OPEN.to_owned());
        let states = State::named(&state).ok_or_else(|| {
            let all = State::ALL.map(State::word).join(", ");
            malformed("state", &format!("write open, all, or one of {all}"))
        })?;
        let (since, until) = (self.time("since")?, self.time("until")?);
        if since.zip(until).is_some_and(|(since, until)| since >= until) {
            let detail = "`until` is not later than `since`: name a later time";
            return Err(Problem::new(ProblemKind::Invalid, detail));
        }
        let reason = self.phrase("reason", DeadLetter::MAX_REASON)?;
        let role = self.phrase("role", DeadLetter::MAX_NAME)?;
        let text = self.phrase("text", TEXT)?;
        Ok((LetterFilter { states, reason, role, since, until, text }, state))
    }

    fn most(&mut self, default: u16) -> Result<u16, Problem> {
        let limit = self.whole("limit", 1, MOST.into())?;
        Ok(limit.and_then(|limit| u16::try_from(limit).ok()).unwrap_or(default))
    }
}

/// Reads the query of the list.
pub(super) fn listing(query: &str) -> Result<Listing, Problem> {
    let mut parameters = Parameters::parse(query)?;
    let limit = parameters.most(LIMIT)?;
    let cursor = parameters.take("cursor").map(|text| cursor(&text)).transpose()?;
    let (filter, state) = parameters.letters()?;
    parameters.nothing_else(&format!("{FILTER}, limit, cursor"))?;
    Ok(Listing { filter, state, limit, cursor })
}

/// Reads the query of the groups.
pub(super) fn groups(query: &str) -> Result<LetterFilter, Problem> {
    let mut parameters = Parameters::parse(query)?;
    let (filter, _) = parameters.letters()?;
    parameters.nothing_else(FILTER)?;
    Ok(filter)
}

/// Reads the query of a preview.
pub(super) fn preview(query: &str) -> Result<(Act, Chosen), Problem> {
    let mut parameters = Parameters::parse(query)?;
    let word = parameters.take("do");
    let act = Act::ALL.into_iter().find(|act| Some(act.word()) == word.as_deref());
    let act = act.ok_or_else(|| malformed("do", "write replay or discard"))?;
    let letter = parameters.take("letter").map(|id| id.parse());
    let letter = letter.transpose().map_err(|wrong: String| malformed("letter", &wrong))?;
    let chosen = match letter {
        Some(letter) => Chosen::One(letter),
        None => {
            let limit = parameters.most(MOST)?;
            let (filter, state) = parameters.letters()?;
            Chosen::First(Listing { filter, state, limit, cursor: None })
        }
    };
    parameters.nothing_else(&format!("do, and letter or {FILTER}, limit"))?;
    Ok((act, chosen))
}

/// Reads the query of a record: how many letters it is about.
pub(super) fn count(query: &str) -> Result<Option<usize>, Problem> {
    let mut parameters = Parameters::parse(query)?;
    let most = i64::try_from(BatchId::MOST).unwrap_or(i64::MAX);
    let count = parameters.whole("count", 0, most)?;
    parameters.nothing_else("count")?;
    Ok(count.and_then(|count| usize::try_from(count).ok()))
}

/// Reads the query of an address without parameters.
pub(super) fn none(query: &str) -> Result<(), Problem> {
    Parameters::parse(query)?.nothing_else("it has none")
}

fn cursor(text: &str) -> Result<LetterCursor, Problem> {
    let fix = "take it from `next` of the page before, or leave it out for the newest";
    let early = text.starts_with(|first: char| first > '7') && text.find('-') == Some(16);
    text.parse().ok().filter(|_| !early).ok_or_else(|| malformed("cursor", fix))
}

impl Listing {
    /// The address of the same list from this position; `do` is in it for a preview.
    pub(super) fn address(&self, cursor: Option<LetterCursor>, act: Option<Act>) -> String {
        let LetterFilter { states: _, reason, role, since, until, text } = &self.filter;
        let time = |name, at: &Option<CreatedAt>| at.map(|at| (name, at.to_string()));
        let pairs = [
            act.map(|act| ("do", act.word().to_owned())),
            reason.clone().map(|text| ("reason", text)),
            role.clone().map(|text| ("role", text)),
            time("since", since),
            time("until", until),
            text.clone().map(|text| ("text", text)),
            (self.state != State::NAMED_OPEN).then(|| ("state", self.state.clone())),
            act.is_none().then(|| ("limit", self.limit.to_string())),
            cursor.map(|cursor| ("cursor", cursor.to_string())),
        ];
        let pairs: Vec<_> = pairs.into_iter().flatten().collect();
        let path = if act.is_some() { "/operations/dead-letters/preview" } else { PATH };
        format!("{path}?{}", serde_urlencoded::to_string(pairs).unwrap_or_default()) // never fails
    }
}

/// The address of the list.
pub(super) const PATH: &str = "/operations/dead-letters";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_has_the_same_filter() {
        let query = "reason=invalid%3A+%E2%80%A6&role=decider&text=x&state=all&limit=7\
            &since=2026-11-22T13:24:51Z";
        let listing = super::listing(query).ok().unwrap();
        let cursor = "7-019abc00111172228333444455556600".parse().unwrap();
        let next = listing.address(Some(cursor), None);
        let again = super::listing(next.split_once('?').unwrap().1).ok().unwrap();
        assert_eq!((again.filter, again.state, again.limit), (listing.filter, listing.state, 7));
        assert_eq!(again.cursor, Some(cursor));
    }

    #[test]
    fn a_wrong_parameter_is_named() {
        for (query, name) in [
            ("state=dead", "`state`"),
            ("limit=257", "`limit`"),
            ("cursor=x", "`cursor`"),
            ("cursor=ffffffffffffffff-019abc00111172228333444455556600", "`cursor`"),
            ("text=", "`text`"),
            ("role=%07", "`role`"),
            ("reason=+x", "`reason`"),
            ("since=2026-11-22T00:00:00Z&until=2026-11-22T00:00:00Z", "`until`"),
            ("groups=1", "`groups`"),
        ] {
            let problem = listing(query).err().unwrap();
            assert!(problem.detail().contains(name), "{query}: {problem}");
        }
        for query in ["", "do=edit", "do=replay&letter=7", "do=replay&letter=7&text=x"] {
            assert!(preview(query).is_err(), "{query}");
        }
    }
}
