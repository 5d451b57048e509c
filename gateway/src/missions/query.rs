//! The query strings of the addresses of missions.

use schemas::{
    CallerRequest, CreatedAt, DossierPrefix, MissionIds, ParseDossierPrefixError, Problem,
    ProblemKind, Text,
};
use store::{Filter, PageCursor};

use crate::parameters::{Parameters, malformed};
use crate::representation::Format;
use crate::seal::Accepted;

/// The most missions of one page.
const MAX_LIMIT: u16 = 256;
/// The missions of a page without `limit`.
const LIMIT: u16 = 20;

/// Which page of the missions that pass the filter, newest first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PageQuery {
    pub(crate) filter: Filter,
    pub(crate) limit: u16,
    /// None: the first page.
    pub(crate) cursor: Option<PageCursor>,
    /// Instead of what the client accepts.
    pub(crate) format: Option<Format>,
}

/// What `GET /missions` selects.
#[derive(Debug, PartialEq)]
pub(crate) enum Listing {
    Page(PageQuery),
    /// The missions of one caller's request, and since when they are expected.
    Request {
        request: CallerRequest,
        count: usize,
        accepted: Option<Accepted>,
    },
}

/// Reads the query of `GET /missions`.
pub(crate) fn listing(query: &str) -> Result<Listing, Problem> {
    let mut parameters = Parameters::parse(query)?;
    let format = parameters.format()?;
    let listing = if let Some(request) = parameters.take("request") {
        let request = request.parse().map_err(|wrong: String| malformed("request", &wrong))?;
        let count = parameters.whole("count", 1, MissionIds::MAX as i64)?;
        let count = count.ok_or_else(|| malformed("count", "it is missing"))?;
        let accepted = parameters.accepted()?;
        Listing::Request { request, count: usize::try_from(count).unwrap_or(1), accepted }
    } else {
        let limit = parameters.whole("limit", 1, MAX_LIMIT.into())?;
        let limit = limit.and_then(|limit| u16::try_from(limit).ok()).unwrap_or(LIMIT);
        let cursor = parameters.take("cursor").map(|text| cursor(&text)).transpose()?;
        Listing::Page(PageQuery { filter: parameters.filter()?, limit, cursor, format })
    };
    parameters.nothing_else(
        "limit, cursor, objective, target, dossier, casebook, since, until, format; or request, count, accepted, format",
    )?;
    Ok(listing)
}

/// The format that the query of `GET /missions` names. What is wrong with a query is told when it is
/// read.
pub(crate) fn format(query: &str) -> Option<Format> {
    Parameters::parse(query).and_then(|mut parameters| parameters.format()).ok()?
}

/// Reads the query of `GET /missions/{id}`: since when the mission is expected.
pub(crate) fn accepted(query: &str) -> Result<Option<Accepted>, Problem> {
    let mut parameters = Parameters::parse(query)?;
    let accepted = parameters.accepted()?;
    parameters.nothing_else("accepted")?;
    Ok(accepted)
}

/// Reads the query of `GET /missions/events`: the position at which to resume.
pub(crate) fn last_event_id(query: &str) -> Result<Option<String>, Problem> {
    let mut parameters = Parameters::parse(query)?;
    let id = parameters.take("lastEventId");
    parameters.nothing_else("lastEventId")?;
    Ok(id)
}

/// Reads the query of `POST /missions`, which has no parameters.
pub(crate) fn none(query: &str) -> Result<(), Problem> {
    Parameters::parse(query)?.nothing_else("a POST has none, `count` belongs into the body")
}

impl Parameters {
    fn accepted(&mut self) -> Result<Option<Accepted>, Problem> {
        let Some(text) = self.take("accepted") else { return Ok(None) };
        text.parse().map(Some).map_err(|wrong| malformed("accepted", wrong))
    }

    fn format(&mut self) -> Result<Option<Format>, Problem> {
        let Some(word) = self.take("format") else { return Ok(None) };
        let words = Format::OF_LISTS.map(Format::word).join(", ");
        let unknown = || malformed("format", &format!("write one of {words}"));
        Format::named(&word).map(Some).ok_or_else(unknown)
    }

    fn filter(&mut self) -> Result<Filter, Problem> {
        Ok(Filter {
            objective: self.text("objective")?,
            target: self.text("target")?,
            dossier: self.dossier()?,
            casebook: self.text("casebook")?,
            since: self.time("since")?,
            until: self.time("until")?,
        })
    }

    fn dossier(&mut self) -> Result<Option<DossierPrefix>, Problem> {
        let Some(text) = self.take("dossier") else { return Ok(None) };
        text.parse().map(Some).map_err(|wrong: ParseDossierPrefixError| {
            Problem::new(ProblemKind::Invalid, format!("`dossier`: {wrong}"))
        })
    }
}

impl PageQuery {
    /// The address of the page at this cursor, with all other parameters of this one.
    pub(crate) fn at(&self, cursor: Option<PageCursor>) -> String {
        Self { cursor, ..self.clone() }.address()
    }

    /// The address of this page in this format.
    pub(crate) fn in_format(&self, format: Format) -> String {
        Self { format: Some(format), ..self.clone() }.address()
    }

    fn address(&self) -> String {
        let Self { filter, limit, cursor, format } = self;
        let Filter { objective, target, dossier, casebook, since, until } = filter;
        let text = |name, text: &Option<Text>| text.as_ref().map(|text| (name, text.to_string()));
        let time = |name, at: &Option<CreatedAt>| at.map(|at| (name, at.to_string()));
        let pairs = [
            Some(("limit", limit.to_string())),
            text("objective", objective),
            text("target", target),
            dossier.as_ref().map(|dossier| ("dossier", dossier.to_string())),
            text("casebook", casebook),
            time("since", since),
            time("until", until),
            format.map(|format| ("format", format.word().to_owned())),
            cursor.map(|cursor| ("cursor", cursor.to_string())),
        ];
        let pairs: Vec<_> = pairs.into_iter().flatten().collect();
        format!("/missions?{}", serde_urlencoded::to_string(pairs).unwrap_or_default()) // never fails
    }
}

/// A position in the list. No mission is older than 1970, and MySQL does not accept some of those
/// times.
fn cursor(text: &str) -> Result<PageCursor, Problem> {
    let fix = "take it from `next` or `prev` of another page, or leave it out for the newest";
    let early = |cursor: &PageCursor| cursor.from.created_at.micros() < 0;
    let cursor = text.parse().ok().filter(|cursor| !early(cursor));
    cursor.ok_or_else(|| malformed("cursor", fix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_query_it_is_the_newest_page() {
        let page = |limit| {
            let (filter, cursor, format) = (Filter::default(), None, None);
            Listing::Page(PageQuery { filter, limit, cursor, format })
        };
        assert_eq!(listing(""), Ok(page(20)));
        assert_eq!(listing("limit=256"), Ok(page(256)));
    }

    #[test]
    fn the_next_page_is_asked_for_with_the_same_filter() {
        let query = "objective=Meet+with&target=K%C3%A4the&dossier=19+z+&casebook=x&since=2026-11-22T13:24:51%2B01:00";
        let Ok(Listing::Page(page)) = listing(query) else { panic!("no page") };
        let since = page.filter.since.map(|at| at.to_string());
        assert_eq!(since.unwrap(), "2026-11-22T12:24:51.000000Z");
        let cursor = Some("7-019abc00111172228333444455556600-newer".parse().unwrap());
        let again = |address: String| listing(address.strip_prefix("/missions?").unwrap());
        assert_eq!(again(page.at(cursor)), Ok(Listing::Page(PageQuery { cursor, ..page.clone() })));
        let format = Some(Format::Csv);
        let csv = again(page.in_format(Format::Csv));
        assert_eq!(csv, Ok(Listing::Page(PageQuery { format, ..page })));
    }

    #[test]
    fn a_wrong_parameter_is_named() {
        for (query, status, name) in [
            ("limit=-1", 422, "`limit` is -1"),
            ("limit=0", 422, "`limit` is 0"),
            ("limit=257", 422, "`limit` is 257"),
            ("limit=x", 400, "`limit`"),
            ("limit=1&limit=2", 400, "`limit`"),
            ("cursor=nowhere", 400, "`cursor`"),
            ("cursor=7-019abc00111172228333444455556600-older", 400, "`cursor`"),
            ("cursor=ffffffffffffffff-019abc00111172228333444455556600", 400, "`cursor`"),
            ("page=2", 400, "`page`"),
            ("format=xlsx", 400, "`format`"),
            ("objective=", 422, "`objective`"),
            ("casebook=", 422, "`casebook`"),
            ("dossier=", 422, "`dossier`: part 1"),
            ("dossier=19+z+20", 422, "`dossier`: part 3: 20"),
            ("since=yesterday", 400, "`since`"),
            ("until=1969-12-31T23:59:59Z", 422, "`until`"),
            ("request=1&count=1", 400, "`request`"),
            ("request=019abc00-1111-7222-8333-444455556600", 400, "`count`"),
            ("request=019abc00-1111-7222-8333-444455556600&count=257", 422, "`count`"),
        ] {
            let problem = listing(query).unwrap_err();
            assert_eq!(problem.kind().status(), status, "{query}: {problem}");
            assert!(problem.detail().contains(name), "{problem}");
        }
    }

    #[test]
    fn a_request_is_found_by_its_id_and_count() {
        let query = "request=019abc00-1111-7222-8333-444455556600&count=3&\
                     accepted=7-00112233445566778899aabb";
        let accepted = Some("7-00112233445566778899aabb".parse().unwrap());
        let request = "019abc00-1111-7222-8333-444455556600".parse().unwrap();
        assert_eq!(listing(query), Ok(Listing::Request { request, count: 3, accepted }));
    }
}
