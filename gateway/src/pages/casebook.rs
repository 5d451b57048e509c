//! `/casebook`: the rules of the built-in casebook, and what they make of a dossier.

use std::fmt::Write;
use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemas::casebook::{Explanation, Rule};
use schemas::{Casebook, Dossier, Problem, ProblemKind};
use store::CasebookCount;

use super::{html, rules};
use crate::figures;
use crate::parameters::{Parameters, malformed};
use crate::representation::{Format, Refusal};
use crate::stock::{NEWEST, Stock};

/// The casebook as it was written.
const TOML: &str = Casebook::MALORY;
/// A dossier to begin with.
const EXAMPLE: &str = "19 z 4 a 7 k 0 b 12 q 3 m";
/// The most characters that are read; a dossier has fewer.
const MOST: usize = 63;

/// `GET /casebook`.
pub(crate) async fn casebook(
    State(stock): State<Arc<Stock>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let asked = asked(query.as_deref().unwrap_or_default())?;
    let dossier = asked.as_deref().map(str::parse::<Dossier>).transpose();
    let Some(format) = Format::preferred(&headers, &Format::OF_PAGES) else {
        let detail = "this page comes as text/html or text/plain: accept one";
        return Err(Problem::new(ProblemKind::NotAcceptable, detail).into());
    };
    let Some(casebook) = rules::built_in() else {
        return Err(Problem::new(ProblemKind::Internal, "the built-in casebook is wrong").into());
    };
    let stored = if format == Format::Html { stock.casebooks().await } else { None };
    let page = |dossier, wrong| page(casebook, asked.clone(), dossier, wrong, stored.as_deref());
    let (status, body) = match (&dossier, format) {
        (Err(wrong), Format::Html) => {
            (StatusCode::UNPROCESSABLE_ENTITY, page(None, Some(wrong.to_string())))
        }
        (Err(wrong), _) => {
            return Err(Problem::new(ProblemKind::Invalid, format!("`dossier`: {wrong}")).into());
        }
        (Ok(dossier), Format::Html) => (StatusCode::OK, page(dossier.as_ref(), None)),
        (Ok(dossier), _) => (StatusCode::OK, text(casebook, dossier.as_ref())),
    };
    Ok((status, [(header::CONTENT_TYPE, format.media_type())], body).into_response())
}

/// The dossier that the query asks about, with one space between its parts.
fn asked(query: &str) -> Result<Option<String>, Problem> {
    let mut parameters = Parameters::parse(query)?;
    let dossier = parameters.take("dossier");
    parameters.nothing_else("dossier")?;
    if dossier.as_ref().is_some_and(|text| text.chars().count() > MOST) {
        return Err(malformed("dossier", "it is too long"));
    }
    let words = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(dossier.map(words).filter(|text| !text.is_empty()))
}

/// One list of rules.
struct List<'a> {
    id: &'static str,
    title: &'static str,
    rules: Vec<&'a Rule>,
    chosen: Option<&'a Rule>,
}

/// A casebook of stored missions.
struct Stored<'a> {
    name: &'a str,
    /// Its missions, for people.
    missions: String,
    /// The address of their list.
    list: String,
}

impl<'a> Stored<'a> {
    fn of(count: &'a CasebookCount) -> Self {
        let name = count.casebook.as_str();
        let query = serde_urlencoded::to_string([("casebook", name)]).unwrap_or_default(); // never fails
        let list = format!("/missions?{query}");
        Self { name, missions: figures::whole(count.missions), list }
    }
}

fn page(
    casebook: &Casebook,
    asked: Option<String>,
    dossier: Option<&Dossier>,
    wrong: Option<String>,
    stored: Option<&[CasebookCount]>,
) -> String {
    #[derive(Template)]
    #[template(path = "casebook.html")]
    struct Page<'a> {
        casebook: &'a Casebook,
        asked: String,
        wrong: Option<String>,
        why: Option<Explanation<'a>>,
        lists: [List<'a>; 2],
        stored: Option<Vec<Stored<'a>>>,
    }
    let why = dossier.map(|dossier| casebook.explain(dossier));
    let objectives = List {
        id: "objectives",
        title: "The first number chooses the objective",
        rules: casebook.objectives().collect(),
        chosen: why.as_ref().map(|why| why.objective),
    };
    let targets = List {
        id: "targets",
        title: "The first letter chooses the target",
        rules: casebook.targets().collect(),
        chosen: why.as_ref().map(|why| why.target),
    };
    let (asked, lists) = (asked.unwrap_or_default(), [objectives, targets]);
    let stored = stored.map(|counts| counts.iter().map(Stored::of).collect());
    html(&Page { casebook, asked, wrong, why, lists, stored })
}

/// For a terminal: what a dossier means, or the casebook.
fn text(casebook: &Casebook, dossier: Option<&Dossier>) -> String {
    let Some(dossier) = dossier else { return TOML.to_owned() };
    let why = casebook.explain(dossier);
    let mut text = format!("{why}\n");
    let _ = writeln!(text, "{} {}", why.objective.text, why.target.text); // a String takes it
    text
}
