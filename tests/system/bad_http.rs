//! Bad input over HTTP: each request gets its reason, nothing is stored, no process stops.

use reqwest::RequestBuilder;
use serde_json::json;
use tokio::io::AsyncReadExt;
use uuid::Uuid;

use crate::http::{Said, get, request, say, send};
use crate::system::{Embedded, System, ask, eventually};

/// Method, path, status, the type of the problem, and what its detail names.
type Wrong = (&'static str, &'static str, u16, &'static str, &'static str);

#[rustfmt::skip] // one line each: it is a table
const ADDRESSES: [Wrong; 22] = [
    ("GET", "/missions/bond", 400, "malformed", "path"),
    ("GET", "/missions/%ff", 400, "malformed", "path"),
    ("GET", "/missions/019abc00-1111-7222-8333-4444555566", 400, "malformed", "path"),
    ("GET", "/missions/019abc00-1111-7222-8333-444455556600?accepted=now", 400, "malformed", "`accepted`"),
    ("GET", "/missions/019abc00-1111-7222-8333-444455556600?verbose=1", 400, "malformed", "`verbose`"),
    ("GET", "/missions/019abc00-1111-7222-8333-444455556600", 404, "not-found", "not yet stored"),
    ("GET", "/missions?cursor=nowhere", 400, "malformed", "`cursor`"),
    ("GET", "/missions?cursor=7fffffffffffffff-00000000000000000000000000000000", 400, "malformed", "`cursor`"),
    ("GET", "/missions?limit=-1", 422, "invalid", "`limit`"),
    ("GET", "/missions?limit=0", 422, "invalid", "`limit`"),
    ("GET", "/missions?limit=257", 422, "invalid", "`limit`"),
    ("GET", "/missions?limit=99999999999999999999", 400, "malformed", "`limit`"),
    ("GET", "/missions?limit=1&limit=2", 400, "malformed", "`limit`"),
    ("GET", "/missions?page=2", 400, "malformed", "`page`"),
    ("GET", "/missions?request=019abc00-1111-7222-8333-444455556601&count=1", 400, "malformed", "`request`"),
    ("GET", "/missions?request=019abc00-1111-7222-8333-444455556600", 400, "malformed", "`count`"),
    ("GET", "/problems/%ff", 404, "not-found", "problem"),
    ("GET", "/problems/none", 404, "not-found", "problem"),
    ("GET", "/nowhere", 404, "not-found", "/missions"),
    ("DELETE", "/missions", 405, "method-not-allowed", "GET, HEAD, POST"),
    ("POST", "/missions/019abc00-1111-7222-8333-444455556600", 405, "method-not-allowed", "GET, HEAD"),
    ("BREW", "/readyz", 405, "method-not-allowed", "GET, HEAD"),
];

#[tokio::test]
async fn the_response_to_a_wrong_address_names_what_is_wrong() {
    let embedded = Embedded::start().await;
    for (method, path, status, word, names) in ADDRESSES {
        let said = send(request(method, &format!("{}{path}", embedded.gateway))).await;
        refused(&embedded.gateway, &said, (status, word, names)).await;
        if status == 405 {
            assert_eq!(said.header("allow"), format!("{names}, OPTIONS"));
        }
    }
    nothing_is_stored_and_the_next_is_served(&embedded.gateway).await;
}

#[tokio::test]
async fn the_response_to_a_wrong_body_names_what_is_wrong() {
    let embedded = Embedded::start().await;
    for (body, status, word, names) in bodies() {
        let post = request("POST", &format!("{}/missions", embedded.gateway));
        let post = post.header("content-type", "application/json").body(body);
        refused(&embedded.gateway, &send(post).await, (status, word, names)).await;
    }
    nothing_is_stored_and_the_next_is_served(&embedded.gateway).await;
}

fn bodies() -> Vec<(Vec<u8>, u16, &'static str, &'static str)> {
    let mut bodies = Vec::new();
    let mut add = |body: &[u8], (status, word), names| {
        bodies.push((body.to_owned(), status, word, names));
    };
    let (malformed, invalid, large) = ((400, "malformed"), (422, "invalid"), (413, "too-large"));
    for body in ["mission", "{", "{} {}", "{\"count\":3", "{\"count\":NaN}"] {
        add(body.as_bytes(), malformed, "not JSON");
    }
    for count in ["0", "257", "-1", "1.5", "\"x\"", "true", "[3]", "{}", "1e99", "65537", "null"] {
        add(format!("{{\"count\":{count}}}").as_bytes(), invalid, "`count`");
    }
    for body in ["{\"counts\":3}", "{\"count\":3,\"missions\":[]}", "{\"count\":1,\"count\":2}"] {
        add(body.as_bytes(), invalid, "`count`");
    }
    for body in ["[]", "null", "3", "\"x\"", "[{\"count\":3}]"] {
        add(body.as_bytes(), invalid, "object");
    }
    add(b"{\"count\":\"\xff\"}", malformed, "UTF-8");
    add(&b"[".repeat(10_000), malformed, "JSON");
    add(&[b"{\"count\":".as_slice(), &b"[".repeat(10_000)].concat(), malformed, "JSON");
    add(&b" ".repeat(16 * 1024 + 1), large, "16384 bytes");
    add(&b" ".repeat(1 << 20), large, "16384 bytes");
    bodies
}

#[tokio::test]
async fn a_wrong_header_is_named() {
    let embedded = Embedded::start().await;
    let post = || request("POST", &format!("{}/missions", embedded.gateway));
    let typed = |media: &str| post().header("content-type", media).body("{}");
    let accepting = |media: &str| post().header("accept", media);
    let (media, format) = ((415, "unsupported-media-type"), (406, "not-acceptable"));
    let header = "Content-Type: application/json";
    let wrong: [(RequestBuilder, _, _); 6] = [
        (post().body("{}"), media, header),
        (typed("text/plain"), media, header),
        (typed("application/x-www-form-urlencoded"), media, header),
        (accepting("image/png"), format, "application/json"),
        (accepting("application/xml, image/*;q=0.5"), format, "application/json"),
        (accepting("application/json;q=0"), format, "application/json"),
    ];
    for (request, (status, word), names) in wrong {
        refused(&embedded.gateway, &send(request).await, (status, word, names)).await;
    }
    nothing_is_stored_and_the_next_is_served(&embedded.gateway).await;
    for right in ["*/*", "text/html;q=0.1, application/json", "application/*"] {
        assert_eq!(send(accepting(right)).await.status, 201, "{right}");
    }
}

/// The response is a problem of this status and type whose detail names this; its type is the address of a page.
async fn refused(gateway: &str, said: &Said, (status, word, names): (u16, &str, &str)) {
    assert_eq!((said.status, said.problem().as_str()), (status, word), "{said:?}");
    assert!(said.detail().contains(names), "{names}: {said:?}");
    let page = get(&format!("{gateway}{}", said.json()["type"].as_str().unwrap())).await;
    assert_eq!(page.status, 200);
    assert!(page.body.starts_with(&format!("{word} ({status})")), "{page:?}");
}

async fn nothing_is_stored_and_the_next_is_served(gateway: &str) {
    let url = format!("{gateway}/missions");
    assert_eq!(get(&url).await.json()["missions"], json!([]));
    let mission = ask(gateway).await;
    assert_eq!(get(&url).await.json()["missions"], json!([mission]));
}

#[tokio::test]
async fn on_real_servers_bad_input_leaves_no_row_and_no_message() {
    let system = System::new().await;
    let _gateway = system.gateway().await;
    let url = format!("{}/missions", system.gateway);
    for (body, status, word, names) in bodies() {
        let post = request("POST", &url).header("content-type", "application/json").body(body);
        refused(&system.gateway, &send(post).await, (status, word, names)).await;
    }
    for (year, status) in [(-9_000, 400), (1, 400), (1969, 400), (1971, 200), (9_999, 200)] {
        let micros = (year - 1970) * 31_556_952_000_000_i64;
        let cursor = format!("cursor={micros:x}-{}", Uuid::nil().simple());
        assert_eq!(get(&format!("{url}?{cursor}")).await.status, status, "{year}");
    }
    let _workers = system.all_workers();
    ask(&system.gateway).await;
    system.all_settled().await;
    assert_eq!(system.rows().await, 1, "the good one alone");
}

#[tokio::test]
async fn a_client_that_breaks_off_or_sends_garbage_does_not_affect_others() {
    let embedded = Embedded::start().await;
    let head = "POST /missions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    let huge = format!("{head}x: {}\r\n\r\n", "x".repeat(1 << 20));
    let many = format!("{head}{}\r\n", "x: x\r\n".repeat(1_000));
    let garbage = "\u{0}\u{16}\u{3}\u{1}garbage\r\n\r\n";
    let lengths = format!("{head}content-length: 2\r\ncontent-length: 9\r\n\r\n{{}}");
    let chunk = format!("{head}transfer-encoding: chunked\r\n\r\nzz\r\n{{}}\r\n0\r\n\r\n");
    for refused in [&huge, &many, garbage, &lengths, &chunk] {
        let answer = talk(&embedded.gateway, refused).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{answer:?} to {:.60}", refused);
        ask(&embedded.gateway).await;
    }
    let half = format!("{head}content-length: 12\r\n\r\n{{\"count\"");
    for broken in [&half, head, "POST /missions HTTP/1.1\r\nho", ""] {
        drop(say(&embedded.gateway, broken).await);
        ask(&embedded.gateway).await;
    }
    let missions = get(&format!("{}/missions", embedded.gateway)).await.json();
    assert_eq!(missions["missions"].as_array().unwrap().len(), 9, "those that were asked for");
}

/// Sends this and reads the response until the connection is closed.
async fn talk(gateway: &str, words: &str) -> String {
    let mut stream = say(gateway, words).await;
    let mut heard = Vec::new();
    eventually("the end of the answer", async || {
        let mut some = [0; 4_096];
        match stream.read(&mut some).await {
            Ok(0) | Err(_) => true,
            Ok(n) => {
                heard.extend_from_slice(&some[..n]);
                false
            }
        }
    })
    .await;
    String::from_utf8_lossy(&heard).into_owned()
}
