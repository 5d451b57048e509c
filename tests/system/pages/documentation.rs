//! The pages of the documentation, and the documents themselves.

use std::process::Command;

use reqwest::header;

use super::{is_page, open};
use crate::clients::shell;
use crate::http::{get, request, send};
use crate::system::Embedded;

#[tokio::test]
async fn the_documentation_names_every_address_every_channel_and_every_problem() {
    let system = Embedded::start().await;
    let mut all = String::new();
    for page in ["", "/http", "/amqp", "/problems", "/schemas"] {
        let page = open(&format!("{}/docs{page}", system.gateway)).await;
        is_page(&page);
        all += &page.body;
    }
    let (openapi, asyncapi) = (schemas::openapi(), schemas::asyncapi());
    let mut names = Vec::new();
    for (path, operations) in openapi["paths"].as_object().unwrap() {
        names.push(format!("<code>{path}</code>"));
        for operation in operations.as_object().unwrap().values() {
            names.extend(operation["operationId"].as_str().map(|id| format!(" id=\"{id}\"")));
        }
    }
    for (key, channel) in asyncapi["channels"].as_object().unwrap() {
        names.push(format!(" id=\"channel-{key}\""));
        names.extend(channel["address"].as_str().map(|address| format!("<code>{address}</code>")));
    }
    for message in asyncapi["components"]["messages"].as_object().unwrap().keys() {
        names.push(format!(" id=\"message-{message}\""));
    }
    for document in [&openapi, &asyncapi] {
        for schema in document["components"]["schemas"].as_object().unwrap().keys() {
            names.push(format!(" id=\"schema-{schema}\""));
        }
    }
    names.extend(schemas::ProblemKind::ALL.map(|kind| format!("/problems/{}\"", kind.word())));
    names.extend(["/openapi.json", "/asyncapi.json"].map(|path| format!("href=\"{path}\"")));
    assert!(names.len() > 60, "{names:?}");
    for name in names {
        assert!(all.contains(&name), "{name} is not in the documentation");
    }
}

#[tokio::test]
async fn the_documents_are_served_as_they_are_and_need_not_be_sent_twice() {
    let system = Embedded::start().await;
    for (path, own, document) in [
        ("/openapi.json", "application/vnd.oai.openapi+json", schemas::openapi()),
        ("/asyncapi.json", "application/vnd.aai.asyncapi+json", schemas::asyncapi()),
    ] {
        let url = format!("{}{path}", system.gateway);
        let said = get(&url).await;
        assert_eq!(said.json(), document, "{path}");
        assert_eq!(said.header("content-type"), "application/json");
        let by_name = send(request("GET", &url).header(header::ACCEPT, own)).await;
        assert_eq!((by_name.status, by_name.header("content-type")), (200, own));
    }
    for path in ["/openapi.json", "/asyncapi.json", "/docs"] {
        let url = format!("{}{path}", system.gateway);
        let said = get(&url).await;
        assert_eq!(said.header("cache-control"), "no-cache", "{said:?}");
        let again = request("GET", &url).header(header::IF_NONE_MATCH, said.header("etag"));
        let again = send(again).await;
        assert_eq!((again.status, again.body.as_str()), (304, ""), "{path}");
    }
}

#[tokio::test]
async fn a_gateway_without_an_amqp_door_says_so_and_an_unknown_page_names_those_there_are() {
    let system = Embedded::start().await;
    let page = open(&format!("{}/docs/amqp", system.gateway)).await;
    assert!(page.body.contains("This process has no AMQP door"), "{page:?}");
    let nowhere = get(&format!("{}/docs/nowhere", system.gateway)).await;
    assert_eq!(nowhere.problem(), "not-found");
    assert!(nowhere.body.contains("`/docs/make-it-yours`"), "{nowhere:?}");
}

/// What is shown in a tab, without its marks.
fn tabs(page: &str) -> Vec<(String, String)> {
    let tabs = page.split("<div class=\"panel\"><pre tabindex=\"0\" aria-label=\"").skip(1);
    let text = |tab: &str| {
        let (language, rest) = tab.split_once('"')?;
        let code = rest.split_once("<code>")?.1.split_once("</code>")?.0;
        let code = code.replace("&#39;", "'").replace("&#34;", "\"").replace("&#60;", "<");
        Some((language.to_owned(), code.replace("&#62;", ">").replace("&#38;", "&")))
    };
    tabs.map(|tab| text(tab).unwrap()).collect()
}

/// The Rust that is compiled, as it is shown.
const RUST: &str = include_str!("../../../examples/http/shown.rs");

#[tokio::test]
async fn the_examples_about_missions_get_an_answer_in_each_language() {
    let system = Embedded::start().await;
    let mut ran = 0;
    for page in ["", "/http"] {
        let page = open(&format!("{}/docs{page}", system.gateway)).await;
        for (language, code) in tabs(&page.body) {
            let never_ends = code.contains("/events");
            if language == "Rust" {
                assert!(RUST.contains(&code), "cargo run -p gateway --example shown_rust: {code}");
            }
            let code = code.replace("http://localhost:8080", &system.gateway);
            if never_ends || !code.contains("/missions") {
                continue;
            }
            let (program, flags): (&str, &[&str]) = match language.as_str() {
                "curl" => ("sh", &["-c"]),
                "Python" => ("python3", &["-c"]),
                "JavaScript" => ("node", &["--input-type=module", "--eval"]),
                other => {
                    assert!(other == "Rust", "{other}: {code}");
                    continue; // see the next test
                }
            };
            let mut command = Command::new(program);
            command.args(flags).arg(&code);
            let ended = tokio::task::spawn_blocking(move || command.output());
            let ended = ended.await.unwrap().unwrap();
            let errors = String::from_utf8_lossy(&ended.stderr);
            // The mission of the examples is not stored here; Python calls that an error.
            let answered = ended.status.success() || errors.contains("HTTP Error 404");
            assert!(answered, "{language}: {code}\n{errors}");
            ran += 1;
        }
    }
    assert!(ran > 12, "{ran}");
}

/// They are compiled with the address that they show; a proxy leads to the gateway of this test.
#[tokio::test]
async fn the_examples_about_missions_get_an_answer_in_rust() {
    let system = Embedded::start().await;
    let operations = ["requestMissions", "listMissions", "getMission", "getTimeline"];
    for operation in operations {
        assert!(RUST.contains(&format!("(\"{operation}\", ")), "{operation}");
    }
    let command = format!("cargo run --quiet --locked --example http -- {}", operations.join(" "));
    let mut command = shell(&command);
    command.env("http_proxy", &system.gateway).env_remove("no_proxy").env_remove("NO_PROXY");
    let ended = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let said: Vec<_> = said.lines().filter(|line| !line.is_empty()).collect();
    // The mission of the examples is not stored here.
    let begins = ["201 Created {", "200 OK {", "404 Not Found {", "404 Not Found {"];
    assert_eq!(said.len(), begins.len(), "{said:?}");
    for (line, begin) in said.iter().zip(begins) {
        assert!(line.starts_with(begin), "{line}");
    }
}
