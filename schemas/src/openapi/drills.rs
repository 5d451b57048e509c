//! `POST /operations/drills/{drill}`.

use serde_json::{Value, json};

use super::component::component;
use super::headers::{Headers, headers};
use super::responses::responses;
use crate::ProblemKind as Problem;
use crate::drills::{Drill, END};

const DESCRIPTION: &str = "\
Makes a fault on purpose, so that one sees what the pipeline does about it. Only `spymission up \
--drills` has drills; anywhere else the answer is 404. Each drill ends by itself. `end` ends all of \
them. `GET /operations` says what became of the missions meanwhile.

```console
$ curl -X POST localhost:8080/operations/drills/pause-persister
```";

/// `POST /operations/drills/{drill}`.
pub(super) fn begin() -> Value {
    const OWN: Headers = &[("Location", "location")];
    const REFUSALS: &[Problem] = &[Problem::Unauthorized, Problem::CrossSite, Problem::NotFound];
    let names = Drill::ALL.iter().map(|drill| drill.name()).chain([END]).collect::<Vec<_>>();
    let own = json!({ "303": { "description": "To the page.", "headers": headers(&[OWN]) } });
    json!({
        "parameters": [{
            "name": "drill", "in": "path", "required": true,
            "description": "The drill, or `end`.",
            "schema": { "type": "string", "enum": names },
            "example": Drill::PausePersister.name(),
        }],
        "post": {
            "operationId": "beginDrill",
            "tags": ["health"],
            "summary": "Begin a drill, or end all",
            "description": DESCRIPTION,
            "security": [{}, { "operator": [] }],
            "parameters": [component("parameters/x-request-id")],
            "responses": responses(own, &[REFUSALS]),
        },
    })
}
