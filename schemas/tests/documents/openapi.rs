//! The OpenAPI document.

use std::collections::BTreeSet;

use schemas::http::MissionCount;
use schemas::{Problem, ProblemKind};
use serde_json::{Value, json};

use crate::{each, errors, resolved};

#[test]
fn every_example_of_the_http_api_is_valid() {
    let document = schemas::openapi();
    let mut checked = 0;
    each(&document, &mut |path, object| {
        let Some(schema) = object.get("schema") else { return };
        let of_name = object.get("examples").and_then(Value::as_object);
        let of_name = of_name.into_iter().flatten().map(|(_, example)| &example["value"]);
        for example in object.get("example").into_iter().chain(of_name) {
            let wrong = errors(&document, schema, example);
            assert!(wrong.is_empty(), "{path}: {wrong:?}");
            checked += 1;
        }
    });
    assert!(checked > 40, "{checked}");
}

#[test]
fn every_kind_of_problem_has_its_response() {
    let document = schemas::openapi();
    let mut told = BTreeSet::new();
    each(&document["components"]["responses"], &mut |_, object| {
        let Some(Ok(problem)) =
            object.get("value").map(|v| serde_json::from_value::<Problem>(v.clone()))
        else {
            return;
        };
        told.insert(problem.kind().word());
    });
    assert_eq!(told, ProblemKind::ALL.map(ProblemKind::word).into());
}

/// The operations, each with its path and method.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let methods = ["get", "post"];
    paths
        .iter()
        .flat_map(|(path, item)| {
            let operation = move |method| Some((path.as_str(), method, item.get(method)?));
            methods.into_iter().filter_map(operation)
        })
        .collect()
}

#[test]
fn every_response_has_a_request_id_and_every_problem_has_the_status_of_its_response() {
    let document = schemas::openapi();
    for (path, method, operation) in operations(&document) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let response = resolved(&document, response);
            let id = &response["headers"]["x-request-id"];
            assert!(!id.is_null(), "{method} {path} {status}");
            let examples = &response["content"]["application/problem+json"]["examples"];
            for example in examples.as_object().into_iter().flatten().map(|(_, e)| &e["value"]) {
                assert_eq!(example["status"].to_string(), *status, "{method} {path}");
            }
        }
        let told = operation["responses"].as_object().unwrap();
        assert!(["405", "429"].iter().all(|status| told.contains_key(*status)), "{method} {path}");
    }
}

#[test]
fn operations_have_names_of_their_own_and_links_lead_to_parameters_that_are_there() {
    let document = schemas::openapi();
    let all = operations(&document);
    let names: BTreeSet<_> =
        all.iter().map(|(_, _, o)| o["operationId"].as_str().unwrap()).collect();
    assert_eq!(names.len(), all.len());
    let mut links = 0;
    each(&document["paths"], &mut |path, object| {
        let Some(target) = object.get("operationId").filter(|_| path.contains("/links/")) else {
            return;
        };
        let target = all.iter().find(|(_, _, operation)| operation["operationId"] == *target);
        let (address, _, operation) = target.unwrap();
        let of_path = document["paths"][address]["parameters"].as_array();
        let known = operation["parameters"].as_array().into_iter().chain(of_path).flatten();
        let known: BTreeSet<_> =
            known.map(|p| resolved(&document, p)["name"].as_str().unwrap()).collect();
        for name in object["parameters"].as_object().unwrap().keys() {
            assert!(known.contains(name.as_str()), "{path}: {name}");
        }
        links += 1;
    });
    assert_eq!(links, 6);
}

#[test]
fn the_schema_of_a_count_and_the_gateway_agree() {
    let document = schemas::openapi();
    let schema = &document["components"]["schemas"]["MissionCount"];
    for (body, good) in [
        (json!({}), true),
        (json!({ "count": 1 }), true),
        (json!({ "count": 256 }), true),
        (json!({ "count": 0 }), false),
        (json!({ "count": 257 }), false),
        (json!({ "count": null }), false),
        (json!({ "count": "3" }), false),
        (json!({ "counts": 3 }), false),
        (json!([]), false),
    ] {
        assert_eq!(errors(&document, schema, &body).is_empty(), good, "{body}");
        assert_eq!(MissionCount::parse(body.to_string().as_bytes()).is_ok(), good, "{body}");
    }
}
