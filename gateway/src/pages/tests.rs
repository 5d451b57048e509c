//! Facts about pages that need no browser.

use axum::http::HeaderValue;
use schemas::http::Page;
use schemas::{Problem, ProblemKind};
use serde_json::json;
use store::{Filter, PageCursor};

use super::*;
use crate::missions::query::{self, Listing, PageQuery};
use crate::representation::Format;

/// Texts that would become tags, attributes or scripts if they were not escaped.
const EVIL: [&str; 3] =
    ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "</title><b onclick='x'>&"];

const AROUND: Around<'static> = Around { seconds: None, again: None, id: "7" };

fn of(objective: &str, target: &str, casebook: &str) -> Mission {
    Mission {
        objective: objective.parse().unwrap(),
        target: target.parse().unwrap(),
        casebook: casebook.parse().unwrap(),
        ..Mission::example()
    }
}

fn flask() -> Mission {
    of("Steal the DB_URI from", "the flask developer", "malory")
}

/// What is remembered of a mission about which nothing came back.
fn unanswered() -> Timeline {
    let Mission { id, created_at, .. } = Mission::example();
    Timeline {
        mission: id,
        missions: 1,
        admitted: created_at,
        attempts: Vec::new(),
        hops: Vec::new(),
        replied: None,
        reason: None,
    }
}

fn listed(missions: Vec<Mission>, filter: Filter) -> Listed {
    let page = Page { missions, unreadable: Vec::new(), next: None, prev: None };
    Listed { page, links: Links::default(), filter, total: None, looked_to: None }
}

#[test]
fn no_text_of_a_mission_or_a_caller_becomes_a_tag() {
    let evil = of(EVIL[0], EVIL[1], EVIL[2]);
    let text = |text: &str| Some(text.parse().unwrap());
    let filter = Filter { objective: text(EVIL[0]), target: text(EVIL[1]), ..Filter::default() };
    let wrong = Problem::new(ProblemKind::Malformed, EVIL.join(" `<script>` "));
    let mut headers = HeaderMap::new();
    headers.insert(header::HOST, HeaderValue::from_static(EVIL[1]));
    let pages = [
        mission(&evil, None),
        several(std::slice::from_ref(&evil)),
        list(&listed(vec![evil], filter)),
        accepted(&Accepted::at(EVIL[1].to_owned()), Some(&unanswered()), &["letter"]),
        problem(&wrong, &Around { again: Some(EVIL[1]), ..AROUND }),
        failed(&unanswered(), &EVIL.join(" ")),
        home(&headers, Uuid::nil()),
    ];
    let evil = json!({ "info": { "version": EVIL[0], "description": EVIL[0] } });
    let start =
        docs::site(&evil, &json!({}), docs::Offer { amqp: true, send: true }).into_iter().next();
    for html in pages.into_iter().chain(start.map(|(_, html)| html)) {
        for tag in ["<script>", "<img", "<b ", "</title><b"] {
            assert!(!html.contains(tag), "{tag} in {html}");
        }
        assert!(html.contains("#60;") || html.contains("&lt;") || html.contains("&#34;"), "{html}");
    }
}

#[test]
fn the_page_of_a_mission_that_is_not_remembered_says_so_and_draws_nothing() {
    let html = mission(&flask(), None);
    assert!(html.contains("This gateway does not remember it"), "{html}");
    assert!(!html.contains("<svg"), "{html}");
}

#[test]
fn the_page_of_a_mission_names_its_rules() {
    let html = mission(&flask(), None);
    for told in [
        "should you choose to accept it",
        "Steal the DB_URI from the flask developer.",
        "<code>number = 19</code>",
        "<code>letters = &#34;z&#34;</code>",
        "<time datetime=\"2026-11-22T13:24:51.123456Z\">22 November 2026, 13:24:51 UTC</time>",
        "first number </span>19</li>",
        "first letter </span>z</li>",
    ] {
        assert!(html.contains(told), "{told} is not in {html}");
    }
}

#[test]
fn no_rule_is_named_that_did_not_give_the_mission() {
    let others = [
        of("Steal the DB_URI from", "the flask developer", "my-agency"),
        of("Water the plants of", "the flask developer", "malory"),
        of("Steal the DB_URI from", "the neighbour", "malory"),
    ];
    for other in others {
        let html = mission(&other, None);
        assert!(!html.contains("number = 19"), "{html}");
        assert!(html.contains("Its rules are with whoever runs it"), "{html}");
    }
}

#[test]
fn the_links_to_other_pages_and_the_form_keep_the_filter() {
    let asked = "limit=7&objective=Meet+with&target=K%C3%A4the&dossier=19+z&casebook=mine&since=2026-11-22T13:24:51Z";
    let Ok(Listing::Page(page)) = query::listing(asked) else { panic!("no page") };
    let older: PageCursor = "7-019abc00111172228333444455556600".parse().unwrap();
    let newer = PageCursor::newer(older.from);
    let links = Links {
        next: Some(page.at(Some(older))),
        prev: Some(page.at(Some(newer))),
        first: Some(page.at(None)),
        exports: [Format::Csv, Format::Json].map(|format| page.in_format(format)),
    };
    let html = list(&Listed { links, ..listed(vec![flask()], page.filter.clone()) });
    let address = |after: &str| {
        let end = html.find(after).unwrap_or_else(|| panic!("{after} is not in {html}"));
        let begin = html[..end].rfind("href=\"/missions?").unwrap() + "href=\"/missions?".len();
        html[begin..end].replace("&#38;", "&")
    };
    for (link, cursor, format) in [
        ("\" rel=\"next\">", Some(older), None),
        ("\" rel=\"prev\">", Some(newer), None),
        ("\">Newest missions", None, None),
        ("\" download=\"missions.csv\">", None, Some(Format::Csv)),
        ("\" download=\"missions.json\">", None, Some(Format::Json)),
    ] {
        let (address, expected) = (address(link), PageQuery { cursor, format, ..page.clone() });
        assert_eq!(query::listing(&address), Ok(Listing::Page(expected)), "{address}");
    }
    for field in [
        "value=\"19 z\"",
        "value=\"mine\"",
        "value=\"Meet with\"",
        "value=\"Käthe\"",
        "value=\"2026-11-22T13:24:51\"",
    ] {
        assert!(html.contains(field), "{field} is not in {html}");
    }
}

#[test]
fn an_empty_list_teaches_and_an_empty_choice_leads_back() {
    let nothing = list(&listed(vec![], Filter::default()));
    assert!(nothing.contains("No mission is on file yet"), "{nothing}");
    let filter = Filter { target: Some("Käthe".parse().unwrap()), ..Filter::default() };
    let none_of_these = list(&listed(vec![], filter));
    assert!(none_of_these.contains("No mission is like that"), "{none_of_these}");
    assert!(none_of_these.contains("<a href=\"/missions\">Show all</a>"), "{none_of_these}");
}

#[test]
fn a_total_says_how_well_it_is_known() {
    let told = |total| list(&Listed { total, ..listed(vec![flask()], Filter::default()) });
    for (total, words) in [
        (Total::Exactly(1), ">1 mission in all<"),
        (Total::Exactly(1_234), ">1\u{202f}234 missions in all<"),
        (Total::About(10_123_456), ">about 10 million missions in all<"),
        (Total::MoreThan(50_000), ">more than 50\u{202f}000 missions in all<"),
    ] {
        let html = told(Some(total));
        assert!(html.contains(words), "{words} is not in {html}");
    }
    assert!(!told(None).contains("in all"), "what is not known is not told");
}

#[test]
fn a_search_that_ended_before_the_list_says_where_and_leads_on() {
    let filter = Filter { dossier: Some("19 z".parse().unwrap()), ..Filter::default() };
    let looked_to = Some((Mission::example().created_at, Direction::Older));
    let links = || Links { next: Some("/missions?on".to_owned()), ..Links::default() };
    let html = list(&Listed { links: links(), looked_to, ..listed(vec![], filter.clone()) });
    for told in [
        "None of these missions is like that",
        "Looked at 10\u{202f}000 missions, back to <time datetime=\"2026-11-22T13:24:51.123456Z\">",
        "<a href=\"/missions?on\" rel=\"next\">Look further</a>",
    ] {
        assert!(html.contains(told), "{told} is not in {html}");
    }
    let whole = list(&Listed { links: links(), ..listed(vec![flask()], filter) });
    assert!(whole.contains("Older missions") && !whole.contains("Looked at"), "{whole}");
}

#[test]
fn what_stands_in_backticks_is_code() {
    let html = problem(&Problem::new(ProblemKind::Invalid, "`count` is 257: 1 to 256"), &AROUND);
    assert!(html.contains("<code>count</code> is 257: 1 to 256"), "{html}");
    let html = problem_kind(ProblemKind::Invalid);
    assert!(html.contains("Correct it as <code>detail</code> says."), "{html}");
}

#[test]
fn the_built_in_texts_are_there_to_choose_from() {
    let html = list(&listed(vec![], Filter::default()));
    for text in ["Steal the DB_URI from", "Meet with", "the flask developer", "Duchess"] {
        assert!(
            html.contains(&format!("<option value=\"{text}\">{text}</option>")),
            "{text}: {html}"
        );
    }
}

#[test]
fn a_problem_that_passes_has_a_button_that_asks_again_and_says_when() {
    let away = Problem::new(ProblemKind::Unavailable, "RabbitMQ is away");
    let around = Around { seconds: Some("3"), again: Some("/missions?limit=5"), id: "my-id" };
    let html = problem(&away.of_request(schemas::Sent::Reading), &around);
    for told in [
        "<a class=\"button\" href=\"/missions?limit=5\">Try again</a>",
        "Repeat it in 3\u{a0}s.",
        "<code>my-id</code>",
        "Safe to repeat: it only reads.",
        "href=\"/problems/unavailable\"",
    ] {
        assert!(html.contains(told), "{told} is not in {html}");
    }
    let often = problem(&Problem::new(ProblemKind::RateLimited, "too many"), &around);
    assert!(often.contains("Wait 3\u{a0}s."), "{often}");
    let wrong = Problem::new(ProblemKind::Malformed, "`limit`");
    assert!(!problem(&wrong, &around).contains("Try again"), "it would fail again");
}

#[test]
fn a_problem_is_told_in_sentences_that_name_no_member_of_json() {
    let html = problem(&Problem::new(ProblemKind::NotFound, "unknown, or not yet stored"), &AROUND);
    assert!(html.contains(">Unknown, or not yet stored.</p>"), "{html}");
    assert!(html.contains("Check the address; the text above says more."), "{html}");
    for kind in ProblemKind::ALL {
        let html = problem(&Problem::new(kind, "it is so."), &AROUND);
        assert!(html.contains(">It is so.</p>"), "{html}");
        assert!(!html.contains("<code>detail</code>"), "{html}");
    }
}
