//! `GET /missions/{id}`.

use serde_json::{Value, json};

use super::bodies::body;
use super::component::component;
use super::list::REFUSALS;
use super::responses::{accepted, negotiated, responses, unchanged};
use crate::{Mission, sample};

const DESCRIPTION: &str = "\
A stored mission never changes. If it is not stored, the response is 404. With the parameter \
`accepted` of a 202's `Location` it is 202 for a day.

```console
$ curl localhost:8080/missions/019abc00-1111-7222-8333-444455556600
```";

pub(super) fn read() -> Value {
    let own = [&[("Cache-Control", "cache-control"), ("ETag", "etag")][..]];
    let found = negotiated("The mission.", &own, &body::<Mission>(), sample::mission());
    let own = json!({ "200": found, "202": accepted(&[]), "304": unchanged() });
    let parameters = ["accepted", "If-None-Match", "x-request-id"];
    json!({
        "parameters": [component("parameters/id")],
        "get": {
            "operationId": "getMission",
            "tags": ["missions"],
            "summary": "Read one mission",
            "description": DESCRIPTION,
            "parameters": parameters.map(|name| component(&format!("parameters/{name}"))),
            "responses": responses(own, &[REFUSALS]),
        },
    })
}
