//! The description of the API as a whole.

use serde_json::{Value, json};

const DESCRIPTION: &str = "\
Request a mission and get one that is stored: the response is sent after the commit and equals the \
row.

```console
$ curl -X POST localhost:8080/missions
```

- **No account, no header and no body** is required. The base address is that of this document.
- **Formats**: missions and pages have the format that `Accept` names: `application/json`, \
`text/html` or `text/plain`. Without `Accept`, and with `*/*`, missions are JSON and pages are plain \
text.
- **Errors** are problem objects ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)). Their \
`type` is stable and is the address of a page that explains it; `detail` names the field and the \
fix. 400: the request cannot be read. 422: it can be read, and a value is not allowed.
- **Parameters** that are not listed here are refused. So is a parameter that is given twice.
- **`HEAD`** is allowed wherever `GET` is, and **`OPTIONS`** everywhere.
- **Every response** has an `x-request-id`: the value of the request, or a new one. The logs have \
it, too. A proxy may replace it.
- **Pages of other sites** may not send a `POST`, unless the operator lists their origin.
- **Repeating** a `POST` with the same `Idempotency-Key` gives the same missions, from any \
replica and after any restart.

The same missions can be requested over AMQP: see `/asyncapi.json`.";

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
        { "name": "dead letters", "description": "For operators: requests that were set aside." },
        { "name": "health", "description": "For operators and orchestrators." },
        { "name": "missions", "description": "Request missions, read them, listen to new ones." },
        { "name": "pages", "description": "For people, and for programs that read the documents." },
    ])
}
