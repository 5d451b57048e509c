//! `GET /missions`.

use serde_json::{Value, json};

use super::bodies::{body, example};
use super::component::component;
use super::headers::headers;
use super::responses::{accepted, negotiated, responses, text, unchanged};
use crate::http::Page;
use crate::{Mission, ProblemKind as Problem, sample};

/// The problems of reading.
pub(super) const REFUSALS: &[Problem] =
    &[Problem::Malformed, Problem::NotFound, Problem::Invalid, Problem::Unavailable];

const DESCRIPTION: &str = "\
A page of all missions, or of those that match the filters. `next` is the cursor of the next page, \
`prev` that of the page before; the header `Link` has their addresses. Whoever follows `next` to the end reads each mission that was \
stored at the beginning exactly once. On the way back each page has the missions that it had; what \
was stored meanwhile comes before them.

```console
$ curl 'localhost:8080/missions?limit=5'
$ curl --get localhost:8080/missions -d since=2026-11-22T00:00:00Z --data-urlencode 'target=Duchess'
```

No index has `dossier` and `casebook`: one page looks at 10,000 missions at most. So it may have fewer \
than `limit`, or none, and `next` nevertheless, which goes on from there.

`text/csv` has the missions of the page under the names of their columns. A text that begins with \
`=`, `+`, `-` or `@` has a `'` before it there, so that no spreadsheet takes it for a formula.

With `request` and `count` (and no other parameter than `accepted` and `format`) the response has the missions of \
one request. A `POST` for several missions returns this address as `Location`.";

pub(super) fn list() -> Value {
    let parameters = [
        "limit",
        "cursor",
        "objective",
        "target",
        "dossier",
        "casebook",
        "since",
        "until",
        "format",
        "request",
        "count",
        "accepted",
        "If-None-Match",
        "x-request-id",
    ];
    let own = json!({
        "200": page(),
        "202": accepted(&[]),
        "303": {
            "description": "For a browser whose form had empty fields, or times without an offset: \
                `Location` is the corrected address.",
            "headers": headers(&[&[("Location", "location")]]),
        },
        "304": unchanged(),
    });
    json!({
        "operationId": "listMissions",
        "tags": ["missions"],
        "summary": "List missions, newest first",
        "description": DESCRIPTION,
        "parameters": parameters.map(|name| component(&format!("parameters/{name}"))),
        "responses": responses(own, &[REFUSALS]),
    })
}

fn page() -> Value {
    let [next, prev] = [sample::CURSOR, sample::NEWER].map(|cursor| Some(cursor.to_owned()));
    let page = Page { missions: vec![Mission::example()], unreadable: vec![], next, prev };
    let example = example(&page);
    let own = [&[("ETag", "etag"), ("Link", "links")][..]];
    let mut page = negotiated("The missions.", &own, &body::<Page>(), example);
    if let Some(Value::Object(content)) = page.get_mut("content") {
        let rows = text("The missions as comma-separated values.");
        content.insert("text/csv".to_owned(), rows);
    }
    if let Value::Object(page) = &mut page {
        page.insert("links".to_owned(), links());
    }
    page
}

fn links() -> Value {
    json!({
        "next": {
            "operationId": "listMissions",
            "description": "The next page.",
            "parameters": { "cursor": "$response.body#/next" },
        },
        "prev": {
            "operationId": "listMissions",
            "description": "The page before.",
            "parameters": { "cursor": "$response.body#/prev" },
        },
        "mission": {
            "operationId": "getMission",
            "description": "The newest mission of the page.",
            "parameters": { "id": "$response.body#/missions/0/id" },
        },
    })
}
