//! What the API is, for whoever reads about it first.

use serde_json::{Value, json};

const DESCRIPTION: &str = "\
Ask for a mission and get one that stands: the answer is sent after the commit and equals the row.

```console
$ curl -X POST localhost:8080/missions
```

- **No account, no header, no body** is needed; the base address is the one of this document.
- **Formats**: missions and pages come as `Accept` wishes: `application/json`, `text/html`, \
`text/plain`. Nothing and `*/*` mean JSON for missions, and plain text for pages.
- **Refusals** are problem objects ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)). Their \
`type` is stable and is the address of a page that explains it; `detail` names the field and the \
fix. 400: it cannot be read; 422: it can be read and cannot be.
- **Parameters** that are not listed here are refused, and so is one that is there twice.
- **`HEAD`** is answered wherever `GET` is, **`OPTIONS`** everywhere, with `Allow`.
- **Every answer** has an `x-request-id`, which the logs have, too: the caller's own, or a new one. A \
proxy in between may replace it.
- **Pages of other sites** may not send a `POST`, unless the operator lists their origin.
- **Repeating** a `POST` with the same `Idempotency-Key` gives the same missions, from any \
replica and after any restart.

The same missions are asked for over AMQP: see `/asyncapi.json`.";

pub(super) fn info() -> Value {
    json!({
        "title": "spymission",
        "version": env!("CARGO_PKG_VERSION"),
        "summary": "Missions for spies, over HTTP.",
        "description": DESCRIPTION,
        "license": { "name": "MIT or Apache-2.0", "identifier": "MIT OR Apache-2.0" },
    })
}

pub(super) fn tags() -> Value {
    json!([
        { "name": "health", "description": "For whoever runs it." },
        { "name": "missions", "description": "Ask for missions, find them, hear of new ones." },
        { "name": "pages", "description": "For people, and for machines that read about it." },
    ])
}
