//! The pages with which operators act on dead letters, as a browser without a script uses them.

use reqwest::header;
use serde_json::json;

use sqlx::Connection;
use uuid::Uuid;

use crate::http::{Said, get, request, send};
use crate::system::{Embedded, eventually};

const PATH: &str = "/operations/dead-letters";
const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

/// Two letters that are no requests and look like markup.
async fn letters_of_a_bad_request(embedded: &Embedded) -> [String; 2] {
    let mut table = sqlx::SqliteConnection::connect(&embedded.database).await.unwrap();
    let ids = [Uuid::new_v4(), Uuid::new_v4()];
    for id in ids {
        let sql = "INSERT INTO dead_letters (id, last_at, reason, pattern, role, tries, message_id, \
            properties, size, body) VALUES (?, 1795353891000000, ?, ?, 'decider', 1, ?, '{}', 25, ?)";
        let reason = "malformed: the body is not JSON: <script>";
        let row = sqlx::query(sql).bind(id).bind(reason).bind(reason).bind(id.to_string());
        let row = row.bind(&b"<script>alert(1)</script>"[..]);
        row.execute(&mut table).await.unwrap();
    }
    table.close().await.unwrap();
    ids.map(|id| id.to_string())
}

async fn open(embedded: &Embedded, path: &str) -> Said {
    let url = format!("{}{path}", embedded.gateway);
    let page = send(request("GET", &url).header(header::ACCEPT, BROWSER)).await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{page:?}");
    page
}

/// Sends a form, and does not follow where it leads.
async fn submit(embedded: &Embedded, path: &str, fields: &[(&str, &str)]) -> Said {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let post = client.build().unwrap().post(format!("{}{path}", embedded.gateway));
    let post = post.header(header::ACCEPT, BROWSER).header("sec-fetch-site", "same-origin");
    let url = reqwest::Url::parse_with_params("http://x/", fields).unwrap();
    let media = "application/x-www-form-urlencoded";
    send(post.header(header::CONTENT_TYPE, media).body(url.query().unwrap().to_owned())).await
}

/// The value of the first field with this name.
fn field(page: &Said, name: &str) -> String {
    let (_, rest) = page.body.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

#[tokio::test]
async fn letters_are_looked_at_retried_and_discarded_without_a_script() {
    let embedded = Embedded::start().await;
    let [first, second] = letters_of_a_bad_request(&embedded).await;
    let operations = open(&embedded, "/operations").await;
    assert!(operations.body.contains("preview?do=replay&amp;reason="), "{operations:?}");
    let page = open(&embedded, &format!("{PATH}/{first}")).await;
    assert!(page.body.contains("&#60;script&#62;") && !page.body.contains("<script>"), "{page:?}");
    assert!(!page.body.contains("http-equiv"), "{page:?}");

    let preview = open(&embedded, &format!("{PATH}/preview?do=discard")).await;
    assert_eq!(preview.body.matches("type=\"checkbox\"").count(), 2, "{preview:?}");
    let id = field(&preview, "id");
    let chosen = format!("{first}.0");
    let fields = [("id", id.as_str()), ("who", "ada"), ("letter", chosen.as_str())];
    for _ in 0..2 {
        let done = submit(&embedded, &format!("{PATH}/discard"), &fields).await;
        let place = format!("{PATH}/actions/{id}?count=1");
        assert_eq!((done.status, done.header("location")), (303, place.as_str()), "{done:?}");
        let record = open(&embedded, &place).await;
        assert!(record.body.contains("<h1>1 of 1 discarded.</h1>"), "{record:?}");
    }
    let shown = get(&format!("{}{PATH}/{first}", embedded.gateway)).await.json();
    assert_eq!(shown["actions"].as_array().unwrap().len(), 1, "a double click is one action");

    let preview = open(&embedded, &format!("{PATH}/preview?do=replay&letter={second}")).await;
    let (id, chosen) = (field(&preview, "id"), field(&preview, "letter"));
    let fields = [("id", id.as_str()), ("rate", "50"), ("letter", chosen.as_str())];
    let begun = submit(&embedded, &format!("{PATH}/replay"), &fields).await;
    eventually("the record", async || {
        let record = open(&embedded, begun.header("location")).await.body;
        record.contains("<h1>0 of 1 stored; 1 set aside again.</h1>")
    })
    .await;
}

#[tokio::test]
async fn a_correction_is_typed_into_a_form_which_says_what_is_wrong() {
    let embedded = Embedded::start().await;
    let [letter, _] = letters_of_a_bad_request(&embedded).await;
    let path = format!("{PATH}/{letter}/edit");
    let form = open(&embedded, &path).await;
    let (id, number) = (field(&form, "id"), field(&form, "number"));
    let fields =
        |body: &str| [("id", id.clone()), ("number", number.clone()), ("body", body.to_owned())];
    let sent = async |body: &str| {
        let fields = fields(body);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        submit(&embedded, &path, &fields).await
    };
    let wrong = sent("{\"missions\":[\"<b>\"]}").await;
    assert!(wrong.status == 422 && wrong.body.contains("role=\"alert\""), "{wrong:?}");
    assert!(wrong.body.contains("&#60;b&#62;") && !wrong.body.contains("<b>"), "{wrong:?}");
    let mission = Uuid::new_v4();
    let right = sent(&json!({ "missions": [mission] }).to_string()).await;
    assert_eq!(right.status, 303, "{right:?}");
    eventually("the mission", async || {
        let record = open(&embedded, right.header("location")).await.body;
        record.contains("<h1>1 of 1 stored; 0 set aside again.</h1>")
            && record.contains(&format!("href=\"/missions/{mission}\""))
    })
    .await;
}
