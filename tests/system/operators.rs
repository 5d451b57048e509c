//! Who may see and act, on a listener that others reach: every address of operators.

use reqwest::{Method, RequestBuilder, Response};
use telemetry::{Label, Route};
use tempfile::NamedTempFile;
use testkit::servers::Port;

use crate::http::{get, request, send};
use crate::judge::conforms;
use crate::operations::get_page;
use crate::process::Process;
use crate::system::{System, eventually};

const TOKEN: &str = "correct horse battery staple";

/// As an editor writes it.
fn token_file() -> NamedTempFile {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{TOKEN}\n")).unwrap();
    file
}

/// A gateway that listens on every address, with these flags more.
async fn everywhere(system: &System, port: &Port, flags: &[&str]) -> (Process, String) {
    let listen = format!("0.0.0.0:{}", port.number());
    let settings = ["gateway", "--broker", &system.amqp, "--database", &system.mysql];
    let settings = [&settings[..], &["--listen", &listen, "--drain", "0"], flags].concat();
    let process = Process::start(&settings, None);
    let gateway = format!("http://127.0.0.1:{}", port.number());
    eventually("the gateway to be ready", async || {
        let ready = reqwest::get(format!("{gateway}/readyz")).await;
        ready.is_ok_and(|ready| ready.status().is_success())
    })
    .await;
    (process, gateway)
}

const METHODS: [Method; 6] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

/// The addresses of operators, each with an id or a name in place of what stands in braces.
fn addresses() -> Vec<(Route, String)> {
    let all = Route::ALL.iter().filter(|route| route.value().starts_with("/operations"));
    let filled = |part: &str| match part {
        "{drill}" => "pause-the-persister".to_owned(),
        part if part.starts_with('{') => "019abc00-1111-7222-8333-444455556600".to_owned(),
        part => part.to_owned(),
    };
    let path = |route: &Route| route.value().split('/').map(filled).collect::<Vec<_>>().join("/");
    all.map(|route| (*route, path(route))).collect()
}

/// What the gateway says to every request that its operators may send.
async fn answers(
    gateway: &str,
    with: impl Fn(RequestBuilder) -> RequestBuilder,
) -> Vec<(Route, String, Response)> {
    let (client, mut answers) = (reqwest::Client::new(), Vec::new());
    for (route, path) in addresses() {
        let before = answers.len();
        for method in METHODS {
            let request = client.request(method.clone(), format!("{gateway}{path}"));
            let form = "application/x-www-form-urlencoded";
            let request = request.header("content-type", form).body("token=not+the+token+at+all");
            let response = with(request).send().await.unwrap();
            if response.status() != 405 {
                answers.push((route, format!("{method} {path}"), response));
            }
        }
        assert!(answers.len() > before, "{path} has no method");
    }
    answers
}

#[tokio::test]
async fn every_address_of_operators_is_off_without_a_token_file_and_else_wants_the_token() {
    let (system, port) = (System::new().await, Port::free().unwrap());
    let (off, gateway) = everywhere(&system, &port, &[]).await;
    for (_, request, response) in answers(&gateway, |request| request.bearer_auth(TOKEN)).await {
        assert_eq!(response.status(), 404, "{request}");
        let said = response.text().await.unwrap();
        assert!(request.starts_with("HEAD") || said.contains("--operator-token-file"), "{request}");
    }
    drop(off);
    let file = token_file();
    let flags = ["--operator-token-file", file.path().to_str().unwrap()];
    let more = ["--trust-proxy", "127.0.0.1", "--cors", "https://spy.example"];
    let (_on, gateway) = everywhere(&system, &port, &[&flags[..], &more].concat()).await;

    // Only the cookie of a browser is taken away without a token.
    let guarded = |route: Route| route != Route::Logout;
    for accept in ["application/json", "text/html"] {
        let without = answers(&gateway, |request| request.header("accept", accept)).await;
        for (_, request, response) in without.iter().filter(|(route, ..)| guarded(*route)) {
            assert_eq!(response.status(), 401, "{request} as {accept}");
        }
    }
    for (_, request, response) in answers(&gateway, |request| request.bearer_auth(TOKEN)).await {
        let status = response.status().as_u16();
        assert!(![401, 403, 429].contains(&status) || request.ends_with("/login"), "{request}");
    }
    for (name, value) in [("origin", "https://spy.example"), ("sec-fetch-site", "cross-site")] {
        let foreign = |request: RequestBuilder| request.header(name, value).bearer_auth(TOKEN);
        for (_, request, response) in answers(&gateway, foreign).await {
            assert_eq!(response.status(), 403, "{request} with {name}: {value}");
        }
    }

    let from = |client: &'static str, token: &'static str| {
        move |request: RequestBuilder| request.header("x-forwarded-for", client).bearer_auth(token)
    };
    let guesses = answers(&gateway, from("203.0.113.9", "not the token at all")).await;
    let guesses = guesses.iter().filter(|(route, ..)| guarded(*route));
    for (number, (_, request, response)) in guesses.enumerate() {
        assert_eq!(response.status(), if number < 5 { 401 } else { 429 }, "{request}");
    }
    for (route, request, response) in answers(&gateway, from("203.0.113.9", TOKEN)).await {
        assert!(!guarded(route) || response.status() == 429, "{request}: the right one neither");
    }
    let other = request("GET", &format!("{gateway}/operations"));
    assert_eq!(send(from("203.0.113.10", TOKEN)(other)).await.status, 200);
}

#[tokio::test]
async fn beyond_loopback_the_page_is_off_until_there_is_a_token() {
    let (system, port) = (System::new().await, Port::free().unwrap());
    let (off, gateway) = everywhere(&system, &port, &[]).await;
    let refused = get(&format!("{gateway}/operations")).await;
    assert_eq!((refused.status, refused.problem().as_str()), (404, "not-found"));
    assert!(refused.detail().contains("--operator-token-file"), "{refused:?}");
    drop(off);
    let file = token_file();
    let flags = ["--operator-token-file", file.path().to_str().unwrap()];
    let (_on, gateway) = everywhere(&system, &port, &flags).await;
    let refused = get(&format!("{gateway}/operations")).await;
    assert_eq!((refused.status, refused.problem().as_str()), (401, "unauthorized"));
    conforms("GET", "/operations", &refused);
    let page = get_page(&gateway).await;
    assert!(page.status == 401 && page.body.contains("name=\"token\""), "{page:?}");
    let asked = |token: &str| {
        request("GET", &format!("{gateway}/operations")).bearer_auth(token.to_owned())
    };
    assert_eq!(send(asked(TOKEN)).await.status, 200);
    for _ in 0..5 {
        assert_eq!(send(asked("wrong")).await.status, 401);
    }
    let refused = send(asked("wrong")).await;
    assert_eq!((refused.status, refused.problem().as_str()), (429, "rate-limited"));
    conforms("GET", "/operations", &refused);
}

#[tokio::test]
async fn a_browser_logs_in_and_out() {
    let (system, port) = (System::new().await, Port::free().unwrap());
    let file = token_file();
    let flags = ["--operator-token-file", file.path().to_str().unwrap()];
    let (_gateway, gateway) = everywhere(&system, &port, &flags).await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let client = client.build().unwrap();
    let log_in = |token: &str, site: &str| {
        let post = client.post(format!("{gateway}/operations/login"));
        let form = format!("token={}", token.replace(' ', "+"));
        let media = "application/x-www-form-urlencoded";
        post.header("content-type", media).header("sec-fetch-site", site.to_owned()).body(form)
    };
    let foreign = send(log_in(TOKEN, "cross-site")).await;
    assert_eq!((foreign.status, foreign.problem().as_str()), (403, "cross-site"));
    let wrong = send(log_in("wrong", "same-origin")).await;
    assert!(wrong.status == 401 && wrong.body.contains("That is not the token."), "{wrong:?}");
    let right = send(log_in(TOKEN, "same-origin")).await;
    assert_eq!((right.status, right.header("location")), (303, "/operations"));
    conforms("POST", "/operations/login", &right);
    let cookie = right.header("set-cookie").split(';').next().unwrap().to_owned();
    let page = client.get(format!("{gateway}/operations")).header("cookie", cookie);
    let page = send(page.header("accept", "text/html")).await;
    assert!(page.status == 200 && page.body.contains("Log out"), "{page:?}");
    let out = send(client.post(format!("{gateway}/operations/logout"))).await;
    assert!(out.header("set-cookie").contains("Max-Age=0"), "{out:?}");
    conforms("POST", "/operations/logout", &out);
}
